//! What a container may use.

mod check;
mod device;
mod oci;

use crate::Result;
use crate::host::VirtualHost;
use serde::{Deserialize, Serialize};

pub(crate) use oci::{linux_resources, rlimits};

/// Limits of one container, within its virtual host's, as asked for. 0 and nothing: only the host's apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Bytes.
    pub memory: i64,
    /// Bytes of memory and swap together; -1: no limit.
    pub memory_swap: i64,
    /// Bytes that it is left with when memory runs short.
    pub memory_reservation: i64,
    /// 0 to 100.
    pub memory_swappiness: Option<i64>,
    /// Processes wait for memory instead of being killed. `None` where the machine can't do that.
    pub oom_kill_disable: Option<bool>,
    /// Billionths of a processor.
    pub nano_cpus: i64,
    /// Microseconds.
    pub cpu_period: i64,
    /// Microseconds in each period; -1: no limit.
    pub cpu_quota: i64,
    /// Weight against other containers, 2 to 262144; the kernel's default is 1024.
    pub cpu_shares: i64,
    /// Processors: `0-3,7`.
    pub cpuset_cpus: String,
    /// Memory nodes.
    pub cpuset_mems: String,
    /// Less than 1: no limit.
    pub pids_limit: Option<i64>,
    /// Weight at block devices, 10 to 1000.
    pub blkio_weight: u16,
    /// Only its presence counts: no kernel that is supported has weights of single devices.
    pub blkio_weight_device: bool,
    /// Bytes per second.
    pub device_read_bps: Vec<DeviceRate>,
    pub device_write_bps: Vec<DeviceRate>,
    /// Operations per second.
    pub device_read_iops: Vec<DeviceRate>,
    pub device_write_iops: Vec<DeviceRate>,
    pub ulimits: Vec<Ulimit>,
    /// From 0 to 1000: how readily a process is killed when memory runs out.
    pub oom_score_adj: i64,
    /// Per cent of a processor, which Docker has on Windows only.
    pub cpu_percent: i64,
}

/// The most that is read from or written to a block device in a second.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRate {
    /// `/dev/sda`, as the virtual host's owner calls it.
    pub path: String,
    pub rate: u64,
}

/// A limit of each process by itself (`setrlimit`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ulimit {
    /// Docker's name: `nofile`, `nproc` and so on.
    pub name: String,
    /// -1: no limit.
    pub soft: i64,
    pub hard: i64,
}

impl VirtualHost {
    /// Docker's rules, and what this machine can do; the answer is warnings for the user.
    pub(crate) fn check_resources(&self, resources: &mut Resources) -> Result<Vec<String>> {
        resources.check(&self.features()?, self.cpus())
    }
}
