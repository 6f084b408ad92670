//! What version 1 (and with it the hybrid layout) does its own way.

use super::layout::{Hierarchy, Layout};
use super::limits::Limits;
use crate::process::failure::{Doing, Result, invalid};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Makes the group in one hierarchy, and those above it.
pub(super) fn create(hierarchy: &Hierarchy, path: &str) -> Result<()> {
    let has_cpuset = hierarchy.controllers.iter().any(|name| name == "cpuset");
    let mut directory = hierarchy.path.clone();
    for part in Path::new(path) {
        let parent = directory.clone();
        directory.push(part);
        match std::fs::create_dir(&directory) {
            Ok(()) if has_cpuset => inherit_cpuset(&parent, &directory)?,
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).doing(|| format!("making the cgroup {}", directory.display())),
        }
    }
    Ok(())
}

/// A new cpuset has no processor and no memory: nothing could enter it.
fn inherit_cpuset(parent: &Path, directory: &Path) -> Result<()> {
    for name in ["cpuset.cpus", "cpuset.mems"] {
        let inherited = read(&parent.join(name))?;
        if read(&directory.join(name))?.is_empty() {
            write_and_check(&directory.join(name), &inherited, &inherited)?;
        }
    }
    Ok(())
}

pub(super) fn limit(layout: &Layout, path: &str, limits: &Limits) -> Result<()> {
    let file = |controller: &str, name: &str| -> Result<PathBuf> {
        let hierarchy = layout.v1_of(controller).ok_or_else(|| {
            invalid(format!("a limit needs the cgroup controller {controller}, which is not mounted on this machine"))
        })?;
        Ok(hierarchy.path.join(path).join(name))
    };
    // Memory counts in pages: what is kept is rounded down.
    let paged = |bytes: u64| (bytes - bytes % rustix::param::page_size() as u64).to_string();
    if let Some(memory) = limits.memory {
        write_and_check(&file("memory", "memory.limit_in_bytes")?, &memory.to_string(), &paged(memory))?;
    }
    if let Some(both) = limits.memory_and_swap {
        let name = file("memory", "memory.memsw.limit_in_bytes")?;
        write_and_check(&name, &both.to_string(), &paged(both))?;
    }
    if let Some(pids) = limits.pids {
        write_and_check(&file("pids", "pids.max")?, &pids.to_string(), &pids.to_string())?;
    }
    if let Some(cpu) = limits.cpu {
        let (quota, period) = (cpu.quota.to_string(), cpu.period.to_string());
        write_and_check(&file("cpu", "cpu.cfs_period_us")?, &period, &period)?;
        write_and_check(&file("cpu", "cpu.cfs_quota_us")?, &quota, &quota)?;
    }
    if let Some(shares) = limits.cpu_shares {
        let shares = shares.to_string();
        write_and_check(&file("cpu", "cpu.shares")?, &shares, &shares)?;
    }
    if let Some(cpus) = &limits.cpus {
        write_and_check(&file("cpuset", "cpuset.cpus")?, cpus, cpus)?;
    }
    if let Some(mems) = &limits.mems {
        write_and_check(&file("cpuset", "cpuset.mems")?, mems, mems)?;
    }
    Ok(())
}

/// A limit that didn't take is an error: whoever asked relies on it.
pub(super) fn write_and_check(file: &Path, value: &str, kept: &str) -> Result<()> {
    std::fs::write(file, value).doing(|| format!("writing {value} to {}", file.display()))?;
    let found = read(file)?;
    if found == kept {
        return Ok(());
    }
    Err(invalid(format!("{} was set to {value}, but the kernel keeps {found}", file.display())))
}

fn read(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file).doing(|| format!("reading {}", file.display()))?;
    Ok(text.trim_end().to_owned())
}
