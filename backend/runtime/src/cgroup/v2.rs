//! What version 2 does its own way: controllers must be handed down, and processes live in leaves only.

use super::layout::Layout;
use super::limits::Limits;
use super::v1::write_and_check;
use crate::process::failure::{Doing, Result};
use std::io::ErrorKind;
use std::path::Path;

/// What limits are made of; others that the kernel has stay where they are.
const CONTROLLERS: [&str; 4] = ["cpu", "cpuset", "memory", "pids"];

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
    let set = |name: &str, value: &str, kept: &str| write_and_check(&directory.join(name), value, kept);
    let paged = |bytes: u64| (bytes - bytes % rustix::param::page_size() as u64).to_string();
    if let Some(memory) = limits.memory {
        set("memory.max", &memory.to_string(), &paged(memory))?;
        // A kernel without swap has no file for it, and nothing to limit.
        if let Some(both) = limits.memory_and_swap.filter(|_| directory.join("memory.swap.max").exists()) {
            let swap = both.saturating_sub(memory);
            set("memory.swap.max", &swap.to_string(), &paged(swap))?;
        }
    }
    if let Some(pids) = limits.pids {
        set("pids.max", &pids.to_string(), &pids.to_string())?;
    }
    if let Some(cpu) = limits.cpu {
        let value = format!("{} {}", cpu.quota, cpu.period);
        set("cpu.max", &value, &value)?;
    }
    if let Some(shares) = limits.cpu_shares {
        let weight = weight(shares).to_string();
        set("cpu.weight", &weight, &weight)?;
    }
    if let Some(cpus) = &limits.cpus {
        set("cpuset.cpus", cpus, cpus)?;
    }
    if let Some(mems) = &limits.mems {
        set("cpuset.mems", mems, mems)?;
    }
    Ok(())
}

/// Version 1's 2 to 262144 on version 2's scale of 1 to 10000, as the OCI runtimes convert it.
fn weight(shares: u64) -> u64 {
    1 + (shares.clamp(2, 262_144) - 2) * 9999 / 262_142
}
