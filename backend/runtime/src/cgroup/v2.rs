//! What version 2 does its own way: controllers must be handed down, and processes live in leaves only.

use super::layout::Layout;
use super::limits::{Limits, ThrottleKind, UNLIMITED};
use super::v1::{or_unlimited, paged, write_and_check, write_and_find};
use crate::failure::{Doing, Result, invalid};
use std::io::ErrorKind;
use std::path::Path;

/// What limits are made of; others that the kernel has stay where they are.
const CONTROLLERS: [&str; 5] = ["cpu", "cpuset", "io", "memory", "pids"];

/// Makes the group, and those above it, each with the controllers that the one above it has.
pub(super) fn create(root: &Path, path: &str) -> Result<()> {
    let mut directory = root.to_owned();
    for part in Path::new(path) {
        hand_down_controllers(&directory)?;
        directory.push(part);
        match std::fs::create_dir(&directory) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(error).doing(|| format!("making the cgroup {}", directory.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn hand_down_controllers(directory: &Path) -> Result<()> {
    let read = |name: &str| {
        let file = directory.join(name);
        std::fs::read_to_string(&file).doing(|| format!("reading {}", file.display()))
    };
    let (available, given) = (read("cgroup.controllers")?, read("cgroup.subtree_control")?);
    let has = |list: &str, name: &str| list.split_whitespace().any(|found| found == name);
    let missing: Vec<String> = CONTROLLERS
        .iter()
        .filter(|name| has(&available, name) && !has(&given, name))
        .map(|name| format!("+{name}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let file = directory.join("cgroup.subtree_control");
    std::fs::write(&file, missing.join(" ")).doing(|| format!("writing {} to {}", missing.join(" "), file.display()))
}

pub(super) fn limit(layout: &Layout, path: &str, limits: &Limits) -> Result<()> {
    let directory = layout.main().join(path);
    let set = |name: &str, value: &str| write_and_check(&directory.join(name), value, value);
    limit_memory(&directory, limits)?;
    if let Some(pids) = limits.pids {
        set("pids.max", &or_unlimited(pids, "max"))?;
    }
    if let Some(cpu) = limits.cpu {
        set("cpu.max", &format!("{} {}", or_unlimited(cpu.quota, "max"), cpu.period))?;
    }
    if let Some(shares) = limits.cpu_shares {
        set("cpu.weight", &weight(shares).to_string())?;
    }
    if let Some(cpus) = &limits.cpus {
        set("cpuset.cpus", cpus)?;
    }
    if let Some(mems) = &limits.mems {
        set("cpuset.mems", mems)?;
    }
    if let Some(weight) = limits.io_weight {
        let line = format!("default {}", io_weight(weight));
        write_and_find(&directory.join("io.weight"), &line, &line)?;
    }
    for throttle in &limits.throttles {
        let key = match throttle.kind {
            ThrottleKind::ReadBytes => "rbps",
            ThrottleKind::WriteBytes => "wbps",
            ThrottleKind::ReadOperations => "riops",
            ThrottleKind::WriteOperations => "wiops",
        };
        let kept = format!("{key}={}", throttle.rate);
        let line = format!("{}:{} {kept}", throttle.major, throttle.minor);
        write_and_find(&directory.join("io.max"), &line, &kept)?;
    }
    Ok(())
}

fn limit_memory(directory: &Path, limits: &Limits) -> Result<()> {
    let set = |name: &str, bytes: u64| match bytes {
        UNLIMITED => write_and_check(&directory.join(name), "max", "max"),
        bytes => write_and_check(&directory.join(name), &bytes.to_string(), &paged(bytes)),
    };
    if limits.swappiness.is_some() || limits.oom_kill_disabled.is_some() {
        return Err(invalid("swappiness and processes that wait for memory need cgroup version 1"));
    }
    if let Some(memory) = limits.memory {
        set("memory.max", memory)?;
    }
    // A kernel without swap has no file for it, and nothing to limit.
    if let Some(both) = limits.memory_and_swap.filter(|_| directory.join("memory.swap.max").exists()) {
        let swap = if both == UNLIMITED { both } else { both.saturating_sub(limits.memory.unwrap_or(0)) };
        set("memory.swap.max", swap)?;
    }
    if let Some(reservation) = limits.memory_reservation {
        set("memory.low", reservation)?;
    }
    Ok(())
}

/// Docker's 10 to 1000 on version 2's scale of 1 to 10000, as the OCI runtimes convert it.
fn io_weight(weight: u16) -> u64 {
    1 + (u64::from(weight.clamp(10, 1000)) - 10) * 9999 / 990
}

/// Version 1's 2 to 262144 on version 2's scale of 1 to 10000, as the OCI runtimes convert it.
fn weight(shares: u64) -> u64 {
    1 + (shares.clamp(2, 262_144) - 2) * 9999 / 262_142
}
