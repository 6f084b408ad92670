//! What a group may use.

use serde::{Deserialize, Serialize};

/// As a limit: none of the group's own, only those of the groups above.
pub const UNLIMITED: u64 = u64::MAX;

/// Limits of a group; what is `None` is left as it is, and in a new group only limited by the groups above.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Bytes of memory and swap together: at least `memory`, which must be there too.
    pub memory_and_swap: Option<u64>,
    /// Bytes in the buffers of network connections, where those don't count as memory: in version 1.
    pub network_buffers: Option<u64>,
    /// Bytes that the group is left with when memory runs short.
    pub memory_reservation: Option<u64>,
    /// How readily memory is swapped, 0 to 100; version 1 only.
    pub swappiness: Option<u64>,
    /// Whether processes wait for memory instead of being killed; version 1 only.
    pub oom_kill_disabled: Option<bool>,
    /// Number of processes and threads.
    pub pids: Option<u64>,
    pub cpu: Option<Cpu>,
    /// Weight against the groups beside it, as version 1 counts: 2 to 262144, 1024 by default.
    pub cpu_shares: Option<u64>,
    /// Processors, as the kernel writes them: `0-3,7`.
    pub cpus: Option<String>,
    /// Memory nodes, as the kernel writes them: `0-1`.
    pub mems: Option<String>,
    /// Weight at block devices against the groups beside it, 10 to 1000; version 2 only.
    pub io_weight: Option<u16>,
    pub throttles: Vec<Throttle>,
}

/// Processor time: `quota` microseconds in each `period` of microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu {
    pub quota: u64,
    pub period: u64,
}

/// The most that a group may read from or write to a block device in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    pub kind: ThrottleKind,
    /// The device's numbers.
    pub major: i64,
    pub minor: i64,
    pub rate: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleKind {
    ReadBytes,
    WriteBytes,
    ReadOperations,
    WriteOperations,
}

/// The kernel's own period, in microseconds.
pub(super) const PERIOD: u64 = 100_000;

/// What a whole virtual host may use.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HostLimits {
    /// Bytes of memory, all processes together; swap counts as memory.
    pub memory: u64,
    /// Number of processes and threads.
    pub pids: u64,
    /// Processor time in thousandths of one processor.
    pub millicpus: u64,
}

impl From<&HostLimits> for Limits {
    fn from(host: &HostLimits) -> Self {
        Self {
            memory: Some(host.memory),
            memory_and_swap: Some(host.memory),
            network_buffers: Some(host.memory / 4),
            pids: Some(host.pids),
            cpu: Some(Cpu { quota: host.millicpus.saturating_mul(PERIOD) / 1000, period: PERIOD }),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_no_swap_beyond_its_memory() {
        let limits = Limits::from(&HostLimits { memory: 1 << 30, pids: 100, millicpus: 1500 });
        assert_eq!((limits.memory, limits.memory_and_swap), (Some(1 << 30), Some(1 << 30)));
        assert_eq!(limits.cpu, Some(Cpu { quota: 150_000, period: 100_000 }));
    }
}
