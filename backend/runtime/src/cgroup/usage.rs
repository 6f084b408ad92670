//! What a group uses, as the kernel counts it.

use super::layout::Layout;
use crate::failure::{Doing, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What the processes of a group, and of those below it, have used and use now. What a machine doesn't count is 0 or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    pub cpu: CpuUsage,
    pub memory: MemoryUsage,
    /// Processes and threads.
    pub pids: u64,
    /// Most processes and threads; `None` without a limit of its own.
    pub pids_limit: Option<u64>,
    /// Bytes read and written.
    pub io_bytes: Vec<IoUsage>,
    /// Operations.
    pub io_operations: Vec<IoUsage>,
}

/// Processor time, in nanoseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CpuUsage {
    pub total: u64,
    /// By processor; version 1 only.
    pub per_cpu: Vec<u64>,
    pub user: u64,
    pub system: u64,
    /// Periods with a quota, those in which it was used up, and for how long processes waited then.
    pub periods: u64,
    pub throttled_periods: u64,
    pub throttled_time: u64,
}

/// Memory, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryUsage {
    pub current: u64,
    /// The most that there ever was; version 1 only.
    pub max: Option<u64>,
    /// How often the limit was hit; version 1 only.
    pub failures: u64,
    /// The group's own limit.
    pub limit: Option<u64>,
    /// The kernel's own names and figures.
    pub stats: BTreeMap<String, u64>,
}

/// What was done with one block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoUsage {
    pub major: u64,
    pub minor: u64,
    /// `Read`, `Write` and others of the kernel's.
    pub operation: String,
    pub value: u64,
}

/// A limit above this is version 1's way to say that there is none.
const NO_LIMIT: u64 = i64::MAX as u64 / 2;

/// How long one of the kernel's ticks is (`USER_HZ`, the same on all machines), in nanoseconds.
const TICK: u64 = 10_000_000;

pub(super) fn read(layout: &Layout, path: &str) -> Result<Usage> {
    let group = Group { layout, path };
    let main = layout.main().join(path);
    std::fs::metadata(&main).doing(|| format!("reading the cgroup {}", main.display()))?;
    Ok(if layout.v1.is_empty() { group.v2() } else { group.v1() })
}

/// A group to read files of. One that can't be read counts nothing: its controller isn't there.
struct Group<'a> {
    layout: &'a Layout,
    path: &'a str,
}

impl Group<'_> {
    fn v1(&self) -> Usage {
        let ticks = self.table("cpuacct", "cpuacct.stat");
        let throttling = self.table("cpu", "cpu.stat");
        let per_cpu = self.text("cpuacct", "cpuacct.usage_percpu");
        Usage {
            cpu: CpuUsage {
                total: self.number("cpuacct", "cpuacct.usage").unwrap_or(0),
                per_cpu: per_cpu.split_whitespace().filter_map(|time| time.parse().ok()).collect(),
                user: get(&ticks, "user").saturating_mul(TICK),
                system: get(&ticks, "system").saturating_mul(TICK),
                periods: get(&throttling, "nr_periods"),
                throttled_periods: get(&throttling, "nr_throttled"),
                throttled_time: get(&throttling, "throttled_time"),
            },
            memory: MemoryUsage {
                current: self.number("memory", "memory.usage_in_bytes").unwrap_or(0),
                max: self.number("memory", "memory.max_usage_in_bytes"),
                failures: self.number("memory", "memory.failcnt").unwrap_or(0),
                limit: self.number("memory", "memory.limit_in_bytes").filter(|&limit| limit < NO_LIMIT),
                stats: self.table("memory", "memory.stat"),
            },
            pids: self.number("pids", "pids.current").unwrap_or(0),
            pids_limit: self.number("pids", "pids.max"),
            io_bytes: io_v1(&self.text("blkio", "blkio.throttle.io_service_bytes_recursive")),
            io_operations: io_v1(&self.text("blkio", "blkio.throttle.io_serviced_recursive")),
        }
    }

    fn v2(&self) -> Usage {
        let cpu = self.table("", "cpu.stat");
        let nanos = |name| get(&cpu, name).saturating_mul(1000);
        let io = self.text("", "io.stat");
        Usage {
            cpu: CpuUsage {
                total: nanos("usage_usec"),
                per_cpu: Vec::new(),
                user: nanos("user_usec"),
                system: nanos("system_usec"),
                periods: get(&cpu, "nr_periods"),
                throttled_periods: get(&cpu, "nr_throttled"),
                throttled_time: nanos("throttled_usec"),
            },
            memory: MemoryUsage {
                current: self.number("", "memory.current").unwrap_or(0),
                max: None,
                failures: 0,
                limit: self.number("", "memory.max"),
                stats: self.table("", "memory.stat"),
            },
            pids: self.number("", "pids.current").unwrap_or(0),
            pids_limit: self.number("", "pids.max"),
            io_bytes: io_v2(&io, [("rbytes", "read"), ("wbytes", "write")]),
            io_operations: io_v2(&io, [("rios", "read"), ("wios", "write")]),
        }
    }

    fn text(&self, controller: &str, name: &str) -> String {
        let directory: Option<PathBuf> = match self.layout.v1_of(controller) {
            Some(hierarchy) => Some(hierarchy.path.join(self.path)),
            None => Some(self.layout.main().join(self.path)).filter(|_| controller.is_empty()),
        };
        directory.and_then(|directory| std::fs::read_to_string(directory.join(name)).ok()).unwrap_or_default()
    }

    fn number(&self, controller: &str, name: &str) -> Option<u64> {
        self.text(controller, name).trim().parse().ok()
    }

    fn table(&self, controller: &str, name: &str) -> BTreeMap<String, u64> {
        let line =
            |line: &str| line.split_once(' ').and_then(|(key, value)| Some((key.to_owned(), value.parse().ok()?)));
        self.text(controller, name).lines().filter_map(line).collect()
    }
}

fn get(table: &BTreeMap<String, u64>, name: &str) -> u64 {
    table.get(name).copied().unwrap_or(0)
}

/// `254:0 Read 8192`
fn io_v1(text: &str) -> Vec<IoUsage> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let (device, operation, value) = (words.next()?, words.next()?, words.next()?);
        let (major, minor) = device.split_once(':')?;
        let operation = operation.to_owned();
        Some(IoUsage { major: major.parse().ok()?, minor: minor.parse().ok()?, operation, value: value.parse().ok()? })
    };
    text.lines().filter_map(line).collect()
}

/// `254:0 rbytes=8192 wbytes=0 rios=2 wios=0 dbytes=0 dios=0`
fn io_v2(text: &str, keys: [(&str, &str); 2]) -> Vec<IoUsage> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut words = line.split(' ');
        let Some((major, minor)) = words.next().and_then(|device| device.split_once(':')) else { continue };
        let (Ok(major), Ok(minor)) = (major.parse(), minor.parse()) else { continue };
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            if let (Some((_, name)), Ok(value)) = (keys.iter().find(|(known, _)| *known == key), value.parse()) {
                found.push(IoUsage { major, minor, operation: (*name).to_owned(), value });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_counted_in_both_versions() {
        let usage = |operation: &str, value| IoUsage { major: 254, minor: 0, operation: operation.to_owned(), value };
        let v1 = "254:0 Read 8192\n254:0 Write 5\nTotal 8197\n";
        assert_eq!(io_v1(v1), [usage("Read", 8192), usage("Write", 5)]);
        let v2 = "254:0 rbytes=8192 wbytes=5 rios=2 wios=1 dbytes=0 dios=0\n";
        assert_eq!(io_v2(v2, [("rbytes", "read"), ("wbytes", "write")]), [usage("read", 8192), usage("write", 5)]);
    }
}
