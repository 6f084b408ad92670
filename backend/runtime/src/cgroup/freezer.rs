//! Holding all processes of a group, and letting them go on.

use super::layout::Layout;
use crate::failure::{Doing, Result, invalid};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a group may take until all of its processes are held.
const PATIENCE: Duration = Duration::from_secs(2);

/// Holds the group's processes, or lets them go on; returns once it is so.
///
/// # Errors
/// If the machine has no freezer, or a process can't be held in time: then all go on.
pub(super) fn set(layout: &Layout, path: &str, frozen: bool) -> Result<()> {
    let freezer = Freezer::of(layout, path)?;
    freezer.write(frozen)?;
    let end = Instant::now() + PATIENCE;
    while freezer.is_frozen()? != frozen {
        if Instant::now() > end {
            freezer.write(false)?;
            return Err(invalid(format!("a process of the cgroup {path} can't be held: it waits for the system")));
        }
        std::thread::sleep(Duration::from_millis(1));
        // Version 1 forgets what was asked when processes are forked meanwhile.
        if frozen {
            freezer.write(true)?;
        }
    }
    Ok(())
}

/// Whether the group's processes are held.
pub(super) fn is_set(layout: &Layout, path: &str) -> Result<bool> {
    Freezer::of(layout, path)?.is_frozen()
}

/// Lets processes go on where a held one couldn't even be killed: in version 1.
pub(super) fn let_die(layout: &Layout, path: &str) -> Result<()> {
    match Freezer::of(layout, path) {
        Ok(freezer @ Freezer::V1(_)) if freezer.is_frozen()? => freezer.write(false),
        _ => Ok(()),
    }
}

/// The file that says it, in the version to use: 2 also on a hybrid machine, because a held process can be killed there.
#[derive(Debug)]
enum Freezer {
    /// `freezer.state`
    V1(PathBuf),
    /// The group's directory.
    V2(PathBuf),
}

impl Freezer {
    fn of(layout: &Layout, path: &str) -> Result<Self> {
        if let Some(root) = &layout.v2 {
            return Ok(Self::V2(root.join(path)));
        }
        let hierarchy = layout.v1_of("freezer").ok_or_else(|| {
            invalid("pausing needs the cgroup controller freezer, which is not mounted on this machine")
        })?;
        Ok(Self::V1(hierarchy.path.join(path).join("freezer.state")))
    }

    fn write(&self, frozen: bool) -> Result<()> {
        let (file, value) = match self {
            Self::V1(state) => (state.clone(), if frozen { "FROZEN" } else { "THAWED" }),
            Self::V2(directory) => (directory.join("cgroup.freeze"), if frozen { "1" } else { "0" }),
        };
        std::fs::write(&file, value).doing(|| format!("writing {value} to {}", file.display()))
    }

    fn is_frozen(&self) -> Result<bool> {
        Ok(match self {
            Self::V1(state) => read(state)?.trim() == "FROZEN",
            Self::V2(directory) => read(&directory.join("cgroup.events"))?.lines().any(|line| line == "frozen 1"),
        })
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).doing(|| format!("reading {}", file.display()))
}
