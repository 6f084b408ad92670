//! `docker stats`: what a container uses.

use super::{Container, Status};
use crate::host::VirtualHost;
use crate::time::now;
use crate::{Error, Result};
use runtime::cgroup;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

pub use runtime::cgroup::IoUsage;

/// Bytes of `/proc/<pid>/net/dev` that are read: a tenant decides how many interfaces there are.
const MOST_OF_NET: u64 = 64 * 1024;

/// What a running container uses at a moment.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Nanoseconds since the epoch.
    pub time: i64,
    pub usage: cgroup::Usage,
    /// Bytes: the container's own limit, or its virtual host's.
    pub memory_limit: u64,
    /// Processor time that the virtual host's processors had since the boot, used or not, in nanoseconds.
    pub system_time: u64,
    /// Processors of the virtual host.
    pub cpus: usize,
    /// By interface; empty without a network.
    pub networks: BTreeMap<String, Traffic>,
}

/// What went over an interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    pub rx_bytes: u64,
    pub rx_packets: u64,
    pub rx_errors: u64,
    pub rx_dropped: u64,
    pub tx_bytes: u64,
    pub tx_packets: u64,
    pub tx_errors: u64,
    pub tx_dropped: u64,
}

impl VirtualHost {
    /// A container with what it uses; `None` if it doesn't run. Errors: not found.
    pub async fn sample(&self, name: &str) -> Result<(Arc<Container>, Option<Sample>)> {
        let container = self.container(name)?;
        if container.state.status != Status::Running {
            return Ok((container, None));
        }
        let (group, pid, has_network) =
            (self.cgroup_of(&container.id), container.state.pid, container.address().is_some());
        let (host_memory, cpus) = (self.limits().memory, self.cpus());
        let read = move || -> Option<Sample> {
            let usage = cgroup::usage(&group).ok()?;
            let networks = if has_network { traffic(pid, &group) } else { BTreeMap::new() };
            let memory_limit = usage.memory.limit.map_or(host_memory, |limit| limit.min(host_memory));
            Some(Sample { time: now(), usage, memory_limit, system_time: system_time(cpus), cpus, networks })
        };
        let sample = tokio::task::spawn_blocking(read).await.map_err(|error| Error::system(error.to_string()))?;
        Ok((container, sample))
    }
}

/// The machine's processor time, as far as it is the virtual host's: clients divide by it and multiply by the number of processors.
fn system_time(cpus: usize) -> u64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let Some(total) = text.lines().next() else { return 0 };
    // As Docker: without the time of guests, which is counted as the user's already.
    let ticks: u64 = total.split_whitespace().skip(1).take(7).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    let all = text.lines().skip(1).take_while(|line| line.starts_with("cpu")).count().max(1);
    ticks.saturating_mul(10_000_000) / all as u64 * cpus as u64
}

/// What went over the interfaces of a process's network. The pid may have passed to another process by now: only a member of
/// the container's group counts.
fn traffic(pid: i32, group: &str) -> BTreeMap<String, Traffic> {
    let mut text = String::new();
    let read = std::fs::File::open(format!("/proc/{pid}/net/dev"))
        .and_then(|file| file.take(MOST_OF_NET).read_to_string(&mut text));
    let is_its_own = || cgroup::processes(group).is_ok_and(|pids| pids.contains(&pid));
    if read.is_err() || !is_its_own() {
        return BTreeMap::new();
    }
    text.lines().skip(2).filter_map(interface).filter(|(name, _)| name != "lo").collect()
}

/// A line of `/proc/net/dev`.
fn interface(line: &str) -> Option<(String, Traffic)> {
    let (name, counters) = line.trim().split_once(':')?;
    let counters: Vec<u64> = counters.split_whitespace().filter_map(|counter| counter.parse().ok()).collect();
    let [rx_bytes, rx_packets, rx_errors, rx_dropped, _, _, _, _, tx_bytes, tx_packets, tx_errors, tx_dropped, ..] =
        counters[..]
    else {
        return None;
    };
    let traffic = Traffic { rx_bytes, rx_packets, rx_errors, rx_dropped, tx_bytes, tx_packets, tx_errors, tx_dropped };
    Some((name.to_owned(), traffic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interfaces_line_is_read() {
        let line = "  eth0:     468       6    1    2    0     0          0         0       84       3    4    5    0     0       0          0";
        let traffic = Traffic {
            rx_bytes: 468,
            rx_packets: 6,
            rx_errors: 1,
            rx_dropped: 2,
            tx_bytes: 84,
            tx_packets: 3,
            tx_errors: 4,
            tx_dropped: 5,
        };
        assert_eq!(interface(line), Some(("eth0".to_owned(), traffic)));
        assert_eq!(interface("face |bytes packets"), None);
    }
}
