//! `HostConfig` of `inspect`: with Docker's defaults for all that cannot be asked for yet.

use super::refused::RUNTIME;
use crate::json::{EmptyList, EmptyMap, Null};
use engine::container::{Container, MASKED_PATHS, READONLY_PATHS, SHM_SIZE};
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HostConfig {
    binds: Null,
    #[serde(rename = "ContainerIDFile")]
    container_id_file: &'static str,
    log_config: LogConfig,
    network_mode: String,
    port_bindings: EmptyMap,
    restart_policy: RestartPolicy,
    auto_remove: bool,
    volume_driver: &'static str,
    volumes_from: Null,
    console_size: [u16; 2],
    cap_add: Null,
    cap_drop: Null,
    cgroupns_mode: &'static str,
    dns: EmptyList,
    dns_options: EmptyList,
    dns_search: EmptyList,
    extra_hosts: Null,
    group_add: Null,
    ipc_mode: &'static str,
    cgroup: &'static str,
    links: Null,
    oom_score_adj: i64,
    pid_mode: &'static str,
    privileged: bool,
    publish_all_ports: bool,
    readonly_rootfs: bool,
    security_opt: Null,
    #[serde(rename = "UTSMode")]
    uts_mode: &'static str,
    userns_mode: &'static str,
    shm_size: u64,
    runtime: &'static str,
    isolation: &'static str,
    #[serde(flatten)]
    resources: Resources,
    masked_paths: [&'static str; MASKED_PATHS.len()],
    readonly_paths: [&'static str; READONLY_PATHS.len()],
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Resources {
    cpu_shares: i64,
    memory: i64,
    nano_cpus: i64,
    cgroup_parent: &'static str,
    blkio_weight: u16,
    blkio_weight_device: EmptyList,
    blkio_device_read_bps: EmptyList,
    blkio_device_write_bps: EmptyList,
    #[serde(rename = "BlkioDeviceReadIOps")]
    blkio_device_read_iops: EmptyList,
    #[serde(rename = "BlkioDeviceWriteIOps")]
    blkio_device_write_iops: EmptyList,
    cpu_period: i64,
    cpu_quota: i64,
    cpu_realtime_period: i64,
    cpu_realtime_runtime: i64,
    cpuset_cpus: &'static str,
    cpuset_mems: &'static str,
    devices: EmptyList,
    device_cgroup_rules: Null,
    device_requests: Null,
    memory_reservation: i64,
    memory_swap: i64,
    memory_swappiness: Null,
    oom_kill_disable: Null,
    pids_limit: Option<i64>,
    ulimits: EmptyList,
    cpu_count: i64,
    cpu_percent: i64,
    #[serde(rename = "IOMaximumIOps")]
    io_maximum_iops: u64,
    #[serde(rename = "IOMaximumBandwidth")]
    io_maximum_bandwidth: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LogConfig {
    r#type: &'static str,
    config: EmptyMap,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { r#type: "json-file", config: EmptyMap {} }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RestartPolicy {
    name: &'static str,
    maximum_retry_count: u32,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self { name: "no", maximum_retry_count: 0 }
    }
}

impl HostConfig {
    pub(super) fn new(container: &Container) -> Self {
        let spec = &container.spec;
        Self {
            network_mode: spec.network_mode.clone(),
            auto_remove: spec.auto_remove,
            console_size: spec.console_size,
            cgroupns_mode: "private",
            ipc_mode: "private",
            readonly_rootfs: spec.read_only,
            shm_size: SHM_SIZE,
            runtime: RUNTIME,
            resources: Resources {
                memory: spec.resources.memory,
                nano_cpus: spec.resources.nano_cpus,
                pids_limit: Some(spec.resources.pids_limit).filter(|limit| *limit != 0),
                ..Resources::default()
            },
            masked_paths: MASKED_PATHS,
            readonly_paths: READONLY_PATHS,
            ..Self::default()
        }
    }
}
