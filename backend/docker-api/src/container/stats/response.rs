//! Figures in Docker's shape.

use crate::json::EmptyMap;
use crate::time::rfc3339;
use engine::container::{Container, IoUsage, Sample, Traffic};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
pub(super) struct StatsResponse {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    read: String,
    preread: String,
    pids_stats: Pids,
    blkio_stats: BlockIo,
    num_procs: u32,
    storage_stats: EmptyMap,
    cpu_stats: Cpu,
    precpu_stats: Cpu,
    memory_stats: Memory,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    networks: BTreeMap<String, Network>,
}

#[derive(Debug, Default, Serialize)]
struct Pids {
    #[serde(skip_serializing_if = "is_zero")]
    current: u64,
    #[serde(skip_serializing_if = "is_zero")]
    limit: u64,
}

/// Lists are `null` where nothing runs; the kernel keeps the last six no longer.
#[derive(Debug, Default, Serialize)]
struct BlockIo {
    io_service_bytes_recursive: Option<Vec<BlockIoEntry>>,
    io_serviced_recursive: Option<Vec<BlockIoEntry>>,
    io_queue_recursive: Option<[(); 0]>,
    io_service_time_recursive: Option<[(); 0]>,
    io_wait_time_recursive: Option<[(); 0]>,
    io_merged_recursive: Option<[(); 0]>,
    io_time_recursive: Option<[(); 0]>,
    sectors_recursive: Option<[(); 0]>,
}

#[derive(Debug, Serialize)]
struct BlockIoEntry {
    major: u64,
    minor: u64,
    op: String,
    value: u64,
}

#[derive(Debug, Default, Serialize)]
struct Cpu {
    cpu_usage: CpuUsage,
    #[serde(skip_serializing_if = "is_zero")]
    system_cpu_usage: u64,
    #[serde(skip_serializing_if = "is_zero")]
    online_cpus: u64,
    throttling_data: Throttling,
}

#[derive(Debug, Default, Serialize)]
struct CpuUsage {
    total_usage: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    percpu_usage: Vec<u64>,
    usage_in_kernelmode: u64,
    usage_in_usermode: u64,
}

#[derive(Debug, Default, Serialize)]
struct Throttling {
    periods: u64,
    throttled_periods: u64,
    throttled_time: u64,
}

#[derive(Debug, Default, Serialize)]
struct Memory {
    #[serde(skip_serializing_if = "is_zero")]
    usage: u64,
    #[serde(skip_serializing_if = "is_zero")]
    max_usage: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    stats: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "is_zero")]
    failcnt: u64,
    #[serde(skip_serializing_if = "is_zero")]
    limit: u64,
}

#[derive(Debug, Serialize)]
struct Network {
    rx_bytes: u64,
    rx_packets: u64,
    rx_errors: u64,
    rx_dropped: u64,
    tx_bytes: u64,
    tx_packets: u64,
    tx_errors: u64,
    tx_dropped: u64,
}

impl StatsResponse {
    /// Without a container its name is left out, as Docker does in one shot; without a sample it doesn't run.
    pub(super) fn new(container: Option<&Container>, sample: Option<&Sample>, previous: Option<&Sample>) -> Self {
        let time = |sample: Option<&Sample>| rfc3339(sample.map_or(0, |sample| sample.time));
        Self {
            name: container.map_or_else(String::new, |container| format!("/{}", container.name)),
            id: container.map_or_else(String::new, |container| container.id.to_string()),
            read: time(sample),
            preread: time(previous.filter(|_| sample.is_some())),
            pids_stats: sample.map(Pids::from).unwrap_or_default(),
            blkio_stats: sample.map(BlockIo::from).unwrap_or_default(),
            num_procs: 0,
            storage_stats: EmptyMap {},
            cpu_stats: sample.map(Cpu::from).unwrap_or_default(),
            precpu_stats: previous.filter(|_| sample.is_some()).map(Cpu::from).unwrap_or_default(),
            memory_stats: sample.map(Memory::from).unwrap_or_default(),
            networks: sample.map(networks).unwrap_or_default(),
        }
    }
}

impl From<&Sample> for Pids {
    fn from(sample: &Sample) -> Self {
        Self { current: sample.usage.pids, limit: sample.usage.pids_limit.unwrap_or(0) }
    }
}

impl From<&Sample> for BlockIo {
    fn from(sample: &Sample) -> Self {
        let entry =
            |io: &IoUsage| BlockIoEntry { major: io.major, minor: io.minor, op: io.operation.clone(), value: io.value };
        let entries = |usage: &[IoUsage]| Some(usage.iter().map(entry).collect());
        Self {
            io_service_bytes_recursive: entries(&sample.usage.io_bytes),
            io_serviced_recursive: entries(&sample.usage.io_operations),
            io_queue_recursive: Some([]),
            io_service_time_recursive: Some([]),
            io_wait_time_recursive: Some([]),
            io_merged_recursive: Some([]),
            io_time_recursive: Some([]),
            sectors_recursive: Some([]),
        }
    }
}

impl From<&Sample> for Cpu {
    fn from(sample: &Sample) -> Self {
        let cpu = &sample.usage.cpu;
        Self {
            cpu_usage: CpuUsage {
                total_usage: cpu.total,
                percpu_usage: cpu.per_cpu.clone(),
                usage_in_kernelmode: cpu.system,
                usage_in_usermode: cpu.user,
            },
            system_cpu_usage: sample.system_time,
            online_cpus: sample.cpus as u64,
            throttling_data: Throttling {
                periods: cpu.periods,
                throttled_periods: cpu.throttled_periods,
                throttled_time: cpu.throttled_time,
            },
        }
    }
}

impl From<&Sample> for Memory {
    fn from(sample: &Sample) -> Self {
        let memory = &sample.usage.memory;
        Self {
            usage: memory.current,
            max_usage: memory.max.unwrap_or(0),
            stats: memory.stats.clone(),
            failcnt: memory.failures,
            limit: sample.memory_limit,
        }
    }
}

fn networks(sample: &Sample) -> BTreeMap<String, Network> {
    let network = |traffic: &Traffic| Network {
        rx_bytes: traffic.rx_bytes,
        rx_packets: traffic.rx_packets,
        rx_errors: traffic.rx_errors,
        rx_dropped: traffic.rx_dropped,
        tx_bytes: traffic.tx_bytes,
        tx_packets: traffic.tx_packets,
        tx_errors: traffic.tx_errors,
        tx_dropped: traffic.tx_dropped,
    };
    sample.networks.iter().map(|(name, traffic)| (name.clone(), network(traffic))).collect()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
