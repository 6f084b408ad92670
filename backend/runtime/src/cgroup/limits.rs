//! What a group may use.

use crate::keeper::protocol::HostLimits;
use crate::process::failure::{Result, invalid};
use oci_spec::runtime::LinuxResources;
use std::collections::BTreeSet;

/// Limits of a group; what is `None` is only limited by the groups above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of memory and swap together: at least `memory`, which must be there too.
    pub memory_and_swap: Option<u64>,
    /// Number of processes and threads.
    pub pids: Option<u64>,
    pub cpu: Option<Cpu>,
    /// Weight against the groups beside it, as version 1 counts: 2 to 262144, 1024 by default.
    pub cpu_shares: Option<u64>,
    /// Processors, as the kernel writes them: `0-3,7`.
    pub cpus: Option<String>,
    /// Memory nodes, as the kernel writes them: `0-1`.
    pub mems: Option<String>,
}

/// Processor time: `quota` microseconds in each `period` of microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    pub quota: u64,
    pub period: u64,
}

/// The kernel's own period, in microseconds.
const PERIOD: u64 = 100_000;

/// More processors or memory nodes than Linux can have.
const MAX_LISTED: u32 = 8192;

impl From<&HostLimits> for Limits {
    fn from(host: &HostLimits) -> Self {
        Self {
            memory: Some(host.memory),
            memory_and_swap: Some(host.memory),
            pids: Some(host.pids),
            cpu: Some(Cpu { quota: host.millicpus.saturating_mul(PERIOD) / 1000, period: PERIOD }),
            ..Self::default()
        }
    }
}

impl Limits {
    /// The limits that a container's spec asks for.
    ///
    /// # Errors
    /// If it asks for one that isn't supported: it would be a limit that doesn't hold.
    pub fn from_resources(resources: &LinuxResources) -> Result<Self> {
        refuse_unsupported(resources)?;
        let mut limits = Self::default();
        if let Some(memory) = resources.memory() {
            limits.memory = limit(memory.limit());
            limits.memory_and_swap = limit(memory.swap());
            match (limits.memory, limits.memory_and_swap) {
                (None, Some(_)) => return Err(invalid("linux.resources.memory has a swap limit without a limit")),
                (Some(memory), Some(both)) if both < memory => {
                    return Err(invalid("linux.resources.memory.swap, which counts both, is smaller than the limit"));
                }
                _ => {}
            }
        }
        if let Some(cpu) = resources.cpu() {
            limits.cpu = limit(cpu.quota()).map(|quota| Cpu { quota, period: cpu.period().unwrap_or(PERIOD) });
            limits.cpu_shares = cpu.shares().filter(|&shares| shares != 0);
            limits.cpus = list(cpu.cpus())?;
            limits.mems = list(cpu.mems())?;
        }
        limits.pids = resources.pids().and_then(|pids| limit(Some(pids.limit())));
        Ok(limits)
    }
}

/// Zero and less mean that there is no limit.
fn limit(value: Option<i64>) -> Option<u64> {
    value.and_then(|value| u64::try_from(value).ok()).filter(|&value| value != 0)
}

/// A list of processors or memory nodes, written as the kernel will write it.
fn list(asked: &Option<String>) -> Result<Option<String>> {
    let Some(asked) = asked.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
    let number = |text: &str| text.trim().parse().ok().filter(|&number: &u32| number < MAX_LISTED);
    let mut members = BTreeSet::new();
    for range in asked.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => members.extend(first..=last),
            _ => return Err(invalid(format!("{asked:?} is not a list of processors or memory nodes like 0-3,7"))),
        }
    }
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for member in members {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == member => *last = member,
            _ => ranges.push((member, member)),
        }
    }
    let written = ranges.into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    Ok(Some(written.collect::<Vec<_>>().join(",")))
}

fn refuse_unsupported(resources: &LinuxResources) -> Result<()> {
    let memory = resources.memory().as_ref();
    let cpu = resources.cpu().as_ref();
    let refused = [
        ("devices", resources.devices().as_ref().is_some_and(|devices| !devices.is_empty())),
        ("blockIO", resources.block_io().is_some()),
        ("hugepageLimits", resources.hugepage_limits().as_ref().is_some_and(|limits| !limits.is_empty())),
        ("network", resources.network().is_some()),
        ("rdma", resources.rdma().is_some()),
        ("unified", resources.unified().is_some()),
        ("memory.reservation", memory.is_some_and(|memory| memory.reservation().is_some())),
        ("memory.kernel", memory.is_some_and(|memory| memory.kernel().is_some())),
        ("memory.kernelTCP", memory.is_some_and(|memory| memory.kernel_tcp().is_some())),
        ("memory.swappiness", memory.is_some_and(|memory| memory.swappiness().is_some())),
        ("memory.disableOOMKiller", memory.is_some_and(|memory| memory.disable_oom_killer() == Some(true))),
        ("cpu.idle", cpu.is_some_and(|cpu| cpu.idle().is_some())),
        ("cpu.burst", cpu.is_some_and(|cpu| cpu.burst().is_some())),
        ("cpu.realtimeRuntime", cpu.is_some_and(|cpu| cpu.realtime_runtime().is_some())),
        ("cpu.realtimePeriod", cpu.is_some_and(|cpu| cpu.realtime_period().is_some())),
    ];
    match refused.iter().find(|(_, asked)| *asked) {
        Some((name, _)) => Err(invalid(format!("linux.resources.{name} is not supported: leave it out"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lists_are_written_as_the_kernel_does() {
        let written = |text: &str| list(&Some(text.to_owned()));
        assert_eq!(written("0,1").unwrap().unwrap(), "0-1");
        assert_eq!(written("7,0-2, 2,4").unwrap().unwrap(), "0-2,4,7");
        assert_eq!(written("").unwrap(), None);
        for wrong in ["a", "3-1", "0-99999999999", "1-", ",", "-1"] {
            assert!(written(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_has_no_swap_beyond_its_memory() {
        let limits = Limits::from(&HostLimits { memory: 1 << 30, pids: 100, millicpus: 1500 });
        assert_eq!((limits.memory, limits.memory_and_swap), (Some(1 << 30), Some(1 << 30)));
        assert_eq!(limits.cpu, Some(Cpu { quota: 150_000, period: 100_000 }));
    }
}
