//! What version 1 (and with it the hybrid layout) does its own way.

use super::layout::{Hierarchy, Layout};
use super::limits::{Limits, ThrottleKind, UNLIMITED};
use crate::failure::{Doing, Result, invalid};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Makes the group in one hierarchy, and those above it if they aren't there.
pub(super) fn create(hierarchy: &Hierarchy, path: &Path) -> Result<()> {
    let directory = hierarchy.path.join(path);
    let mut made = std::fs::create_dir(&directory);
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if made.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound)
        && let Some(parent) = parent
    {
        create(hierarchy, parent)?;
        made = std::fs::create_dir(&directory);
    }
    match made {
        Ok(()) if hierarchy.controllers.iter().any(|name| name == "cpuset") => {
            inherit_cpuset(&hierarchy.path.join(parent.unwrap_or(Path::new(""))), &directory)
        }
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).doing(|| format!("making the cgroup {}", directory.display()))
        }
        _ => Ok(()),
    }
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
    let set = |controller: &str, name: &str, value: &str| write_and_check(&file(controller, name)?, value, value);
    limit_memory(&|name| file("memory", name), limits)?;
    if let Some(pids) = limits.pids {
        set("pids", "pids.max", &or_unlimited(pids, "max"))?;
    }
    if let Some(cpu) = limits.cpu {
        // The old quota may be too much for the new period, or more than the group above has.
        set("cpu", "cpu.cfs_quota_us", "-1")?;
        set("cpu", "cpu.cfs_period_us", &cpu.period.to_string())?;
        set("cpu", "cpu.cfs_quota_us", &or_unlimited(cpu.quota, "-1"))?;
    }
    if let Some(shares) = limits.cpu_shares {
        set("cpu", "cpu.shares", &shares.to_string())?;
    }
    if let Some(cpus) = &limits.cpus {
        set("cpuset", "cpuset.cpus", cpus)?;
    }
    if let Some(mems) = &limits.mems {
        set("cpuset", "cpuset.mems", mems)?;
    }
    if limits.io_weight.is_some() {
        return Err(invalid("a weight at block devices needs cgroup version 2"));
    }
    for throttle in &limits.throttles {
        let name = match throttle.kind {
            ThrottleKind::ReadBytes => "blkio.throttle.read_bps_device",
            ThrottleKind::WriteBytes => "blkio.throttle.write_bps_device",
            ThrottleKind::ReadOperations => "blkio.throttle.read_iops_device",
            ThrottleKind::WriteOperations => "blkio.throttle.write_iops_device",
        };
        let line = format!("{}:{} {}", throttle.major, throttle.minor, throttle.rate);
        write_and_find(&file("blkio", name)?, &line, &line)?;
    }
    Ok(())
}

fn limit_memory(file: &dyn Fn(&str) -> Result<PathBuf>, limits: &Limits) -> Result<()> {
    let set = |name: &str, bytes: Option<u64>| match bytes {
        Some(UNLIMITED) => write_and_check(&file(name)?, "-1", &paged(i64::MAX.unsigned_abs())),
        Some(bytes) => write_and_check(&file(name)?, &bytes.to_string(), &paged(bytes)),
        None => Ok(()),
    };
    const MEMORY: &str = "memory.limit_in_bytes";
    const BOTH: &str = "memory.memsw.limit_in_bytes";
    // At no time may memory alone have more than both together.
    let grows = match limits.memory_and_swap {
        Some(both) => read(&file(BOTH)?)?.parse().is_ok_and(|now: u64| now < both),
        None => false,
    };
    if grows {
        set(BOTH, limits.memory_and_swap)?;
        set(MEMORY, limits.memory)?;
    } else {
        set(MEMORY, limits.memory)?;
        set(BOTH, limits.memory_and_swap)?;
    }
    const NETWORK: &str = "memory.kmem.tcp.limit_in_bytes";
    // A kernel that was built without has no file for it.
    if limits.network_buffers.is_some() && file(NETWORK)?.exists() {
        set(NETWORK, limits.network_buffers)?;
    }
    set("memory.soft_limit_in_bytes", limits.memory_reservation)?;
    if let Some(swappiness) = limits.swappiness {
        let swappiness = swappiness.to_string();
        write_and_check(&file("memory.swappiness")?, &swappiness, &swappiness)?;
    }
    if let Some(disabled) = limits.oom_kill_disabled {
        let value = u8::from(disabled);
        write_and_find(&file("memory.oom_control")?, &value.to_string(), &format!("oom_kill_disable {value}"))?;
    }
    Ok(())
}

/// Memory counts in pages: what is kept is rounded down.
pub(super) fn paged(bytes: u64) -> String {
    (bytes - bytes % rustix::param::page_size() as u64).to_string()
}

pub(super) fn or_unlimited(value: u64, word: &str) -> String {
    if value == UNLIMITED { word.to_owned() } else { value.to_string() }
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

/// Like [`write_and_check`], where the limit is one of several lines or words.
pub(super) fn write_and_find(file: &Path, value: &str, kept: &str) -> Result<()> {
    std::fs::write(file, value).doing(|| format!("writing {value} to {}", file.display()))?;
    let found = read(file)?;
    if found.lines().any(|line| line == kept || line.split(' ').any(|word| word == kept)) {
        return Ok(());
    }
    Err(invalid(format!("{} was set to {value}, but the kernel keeps {found:?}", file.display())))
}

fn read(file: &Path) -> Result<String> {
    let text = std::fs::read_to_string(file).doing(|| format!("reading {}", file.display()))?;
    Ok(text.trim_end().to_owned())
}
