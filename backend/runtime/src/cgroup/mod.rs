//! Control groups: where a virtual host's processes are counted and limited.
//!
//! A path like `lernhafen/<host>/<container>` names a group below the root of every hierarchy that is mounted: the
//! one of version 2, those of version 1, or both (hybrid). What differs between the two is in [`v1`] and [`v2`].

mod features;
mod filled;
mod freezer;
mod layout;
mod limits;
mod resources;
mod set;
mod tree;
mod usage;
mod v1;
mod v2;

pub use features::Features;
pub use filled::Filled;
pub(crate) use layout::{Hierarchy, layout};
pub use limits::{Cpu, HostLimits, Limits, Throttle, ThrottleKind, UNLIMITED};
pub use set::parse_set;
pub use usage::{CpuUsage, IoUsage, MemoryUsage, Usage};

use crate::failure::{Doing, Result, invalid};
use std::os::fd::OwnedFd;
use std::path::Path;

/// Which hierarchies the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Version 2 only.
    V2,
    /// Version 1 only.
    V1,
    /// The controllers in version 1, and a version 2 without (most of) them.
    Hybrid,
}

/// Which hierarchies this machine has.
///
/// # Errors
/// If there are none: `/sys/fs/cgroup` isn't mounted.
pub fn version() -> Result<Version> {
    let layout = layout()?;
    Ok(match (layout.v1.is_empty(), &layout.v2) {
        (true, _) => Version::V2,
        (false, None) => Version::V1,
        (false, Some(_)) => Version::Hybrid,
    })
}

/// Makes the group, and those above it as far as they aren't there, and sets its limits.
///
/// # Errors
/// If the system refuses; also if it takes a limit but doesn't keep it.
pub fn create(path: &str, limits: &Limits) -> Result<()> {
    check_path(path)?;
    let layout = layout()?;
    for hierarchy in &layout.v1 {
        v1::create(hierarchy, Path::new(path))?;
    }
    if let Some(root) = &layout.v2 {
        v2::create(root, path)?;
    }
    limit(path, limits)
}

/// Changes limits of a group.
///
/// # Errors
/// If the group isn't there, or the system refuses; also if it takes a limit but doesn't keep it. Limits before that one have changed then.
pub fn limit(path: &str, limits: &Limits) -> Result<()> {
    check_path(path)?;
    let layout = layout()?;
    if layout.v1.is_empty() { v2::limit(layout, path, limits) } else { v1::limit(layout, path, limits) }
}

/// What groups below this one can be limited in.
///
/// # Errors
/// If no hierarchy is mounted.
pub fn features(path: &str) -> Result<Features> {
    check_path(path)?;
    Ok(Features::of(layout()?, path))
}

/// Moves the calling process, which has one thread, into the group in the hierarchies of version 1. In that of version 2 it is forked
/// into it: see [`to_fork_into`].
///
/// # Errors
/// If the group isn't there.
pub(crate) fn enter(path: &str) -> Result<()> {
    check_path(path)?;
    for hierarchy in &layout()?.v1 {
        let directory = hierarchy.path.join(path);
        // A thread that moves itself is moved at once. Who moves a process, by `cgroup.procs`, waits until every processor has passed a
        // quiet moment: ten milliseconds, in which nobody on the machine can fork.
        std::fs::write(directory.join("tasks"), "0")
            .doing(|| format!("entering the cgroup {}", directory.display()))?;
    }
    Ok(())
}

/// Moves the calling process to where the group's memory is counted; in version 1 that is all that it enters.
///
/// # Errors
/// If the group isn't there, or nothing here counts memory.
pub(crate) fn enter_memory(path: &str) -> Result<()> {
    check_path(path)?;
    let layout = layout()?;
    let (root, file) = match layout.v1_of("memory") {
        // A thread moves itself at once: see [`enter`].
        Some(memory) => (&*memory.path, "tasks"),
        None if layout.v1.is_empty() => (layout.main(), "cgroup.procs"),
        None => return Err(invalid("no cgroup hierarchy counts memory")),
    };
    let directory = root.join(path);
    std::fs::write(directory.join(file), "0").doing(|| format!("entering the cgroup {}", directory.display()))
}

/// The group's directory in the hierarchy of version 2, if there is one: processes are forked into it, as moving them takes long.
pub(crate) fn to_fork_into(path: &str) -> Result<Option<OwnedFd>> {
    check_path(path)?;
    let Some(root) = &layout()?.v2 else { return Ok(None) };
    let directory = root.join(path);
    let opened = crate::beneath::open_machine(&directory);
    opened.map(Some).doing(|| format!("opening the cgroup {}", directory.display()))
}

/// The processes in the group and below it, as the caller's pid namespace sees them.
///
/// # Errors
/// If the group isn't there.
pub fn processes(path: &str) -> Result<Vec<i32>> {
    check_path(path)?;
    let directory = layout()?.main().join(path);
    tree::processes(&directory).doing(|| format!("listing the processes of {}", directory.display()))
}

/// Kills every process in the group and below it. They may not have ended yet when this returns.
///
/// # Errors
/// If the group is there, but can't be read.
pub fn kill(path: &str) -> Result<()> {
    check_path(path)?;
    let layout = layout()?;
    let directory = layout.main().join(path);
    if directory.exists() {
        freezer::let_die(layout, path)?;
    }
    tree::kill(&directory).doing(|| format!("killing the processes of {}", directory.display()))
}

/// What the group uses.
///
/// # Errors
/// If the group isn't there.
pub fn usage(path: &str) -> Result<Usage> {
    check_path(path)?;
    usage::read(layout()?, path)
}

/// What fills the memory of the group.
///
/// # Errors
/// If the group isn't there, or nothing here counts memory.
pub fn filled(path: &str) -> Result<Filled> {
    check_path(path)?;
    filled::read(layout()?, path)
}

/// Holds every process in the group (`docker pause`), or lets them go on. Waits until it is so, two seconds at most.
///
/// # Errors
/// If the group isn't there, or a process can't be held: then all go on.
pub fn freeze(path: &str, frozen: bool) -> Result<()> {
    check_path(path)?;
    freezer::set(layout()?, path, frozen)
}

/// Whether the group's processes are held.
///
/// # Errors
/// If the group isn't there.
pub fn is_frozen(path: &str) -> Result<bool> {
    check_path(path)?;
    freezer::is_set(layout()?, path)
}

/// Removes the group and those below it; one that isn't there is removed already. A process that has just ended keeps
/// its group busy for a moment: waits up to a second for that.
///
/// # Errors
/// If there are processes in it.
pub fn remove(path: &str) -> Result<()> {
    check_path(path)?;
    for directory in layout()?.directories(path) {
        tree::remove(&directory).doing(|| format!("removing the cgroup {}", directory.display()))?;
    }
    Ok(())
}

/// Has the kernel killed a process of the group itself, not of one below it, because memory was used up?
///
/// # Errors
/// If the group isn't there.
pub fn oom_killed(path: &str) -> Result<bool> {
    Ok(oom_events(path)?.lines().filter_map(|line| line.strip_prefix("oom_kill ")).any(|count| count.trim() != "0"))
}

/// The same; or does a process of the group wait for memory, because the kernel may not kill in it (version 1)?
///
/// # Errors
/// If the group isn't there.
pub fn out_of_memory(path: &str) -> Result<bool> {
    Ok(oom_killed(path)? || oom_events(path)?.lines().any(|line| line == "under_oom 1"))
}

fn oom_events(path: &str) -> Result<String> {
    check_path(path)?;
    let layout = layout()?;
    let file = match layout.v1_of("memory") {
        Some(hierarchy) => hierarchy.path.join(path).join("memory.oom_control"),
        None => layout.main().join(path).join("memory.events.local"),
    };
    std::fs::read_to_string(&file).doing(|| format!("reading {}", file.display()))
}

/// A path that could leave its place would let a request touch the machine's own groups.
fn check_path(path: &str) -> Result<()> {
    let plain = |part| matches!(part, std::path::Component::Normal(_));
    if !path.is_empty() && Path::new(path).components().all(plain) {
        Ok(())
    } else {
        Err(invalid(format!("{path:?} is not the path of a cgroup")))
    }
}

#[cfg(test)]
mod tests;
