//! Limits in `HostConfig`, as `create` and `update` take them and `inspect` shows them.

use engine::container as engine;
use serde::{Deserialize, Serialize};

/// Of Docker's `Resources`, the limits.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Resources {
    memory: i64,
    memory_swap: i64,
    memory_reservation: i64,
    memory_swappiness: Option<i64>,
    oom_kill_disable: Option<bool>,
    oom_score_adj: i64,
    nano_cpus: i64,
    cpu_period: i64,
    cpu_quota: i64,
    cpu_shares: i64,
    cpuset_cpus: String,
    cpuset_mems: String,
    cpu_percent: i64,
    pids_limit: Option<i64>,
    blkio_weight: u16,
    blkio_weight_device: Vec<WeightDevice>,
    blkio_device_read_bps: Vec<ThrottleDevice>,
    blkio_device_write_bps: Vec<ThrottleDevice>,
    #[serde(rename = "BlkioDeviceReadIOps")]
    blkio_device_read_iops: Vec<ThrottleDevice>,
    #[serde(rename = "BlkioDeviceWriteIOps")]
    blkio_device_write_iops: Vec<ThrottleDevice>,
    pub(super) ulimits: Vec<Ulimit>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WeightDevice {
    path: String,
    weight: u16,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ThrottleDevice {
    path: String,
    rate: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Ulimit {
    name: String,
    hard: i64,
    soft: i64,
}

impl From<Resources> for engine::Resources {
    fn from(asked: Resources) -> Self {
        let rates = |devices: Vec<ThrottleDevice>| {
            let rate = |device: ThrottleDevice| engine::DeviceRate { path: device.path, rate: device.rate };
            devices.into_iter().map(rate).collect()
        };
        let ulimit = |ulimit: Ulimit| engine::Ulimit { name: ulimit.name, soft: ulimit.soft, hard: ulimit.hard };
        Self {
            memory: asked.memory,
            memory_swap: asked.memory_swap,
            memory_reservation: asked.memory_reservation,
            memory_swappiness: asked.memory_swappiness,
            oom_kill_disable: asked.oom_kill_disable,
            oom_score_adj: asked.oom_score_adj,
            nano_cpus: asked.nano_cpus,
            cpu_period: asked.cpu_period,
            cpu_quota: asked.cpu_quota,
            cpu_shares: asked.cpu_shares,
            cpuset_cpus: asked.cpuset_cpus,
            cpuset_mems: asked.cpuset_mems,
            cpu_percent: asked.cpu_percent,
            pids_limit: asked.pids_limit,
            blkio_weight: asked.blkio_weight,
            blkio_weight_device: !asked.blkio_weight_device.is_empty(),
            device_read_bps: rates(asked.blkio_device_read_bps),
            device_write_bps: rates(asked.blkio_device_write_bps),
            device_read_iops: rates(asked.blkio_device_read_iops),
            device_write_iops: rates(asked.blkio_device_write_iops),
            ulimits: asked.ulimits.into_iter().map(ulimit).collect(),
        }
    }
}

impl From<&engine::Resources> for Resources {
    fn from(kept: &engine::Resources) -> Self {
        let devices = |rates: &[engine::DeviceRate]| {
            rates.iter().map(|rate| ThrottleDevice { path: rate.path.clone(), rate: rate.rate }).collect()
        };
        let ulimit =
            |ulimit: &engine::Ulimit| Ulimit { name: ulimit.name.clone(), hard: ulimit.hard, soft: ulimit.soft };
        Self {
            memory: kept.memory,
            memory_swap: kept.memory_swap,
            memory_reservation: kept.memory_reservation,
            memory_swappiness: kept.memory_swappiness,
            oom_kill_disable: kept.oom_kill_disable,
            oom_score_adj: kept.oom_score_adj,
            nano_cpus: kept.nano_cpus,
            cpu_period: kept.cpu_period,
            cpu_quota: kept.cpu_quota,
            cpu_shares: kept.cpu_shares,
            cpuset_cpus: kept.cpuset_cpus.clone(),
            cpuset_mems: kept.cpuset_mems.clone(),
            cpu_percent: kept.cpu_percent,
            pids_limit: kept.pids_limit,
            blkio_weight: kept.blkio_weight,
            // The engine keeps none: it warns of them.
            blkio_weight_device: Vec::new(),
            blkio_device_read_bps: devices(&kept.device_read_bps),
            blkio_device_write_bps: devices(&kept.device_write_bps),
            blkio_device_read_iops: devices(&kept.device_read_iops),
            blkio_device_write_iops: devices(&kept.device_write_iops),
            ulimits: kept.ulimits.iter().map(ulimit).collect(),
        }
    }
}
