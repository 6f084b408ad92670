//! `GET /info`: `docker info`

use super::version::VERSION;
use crate::container::{GraphDriver, RUNTIMES};
use crate::error::Reply;
use crate::json::{EmptyList, EmptyMap, Null};
use crate::time::{now, rfc3339};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::host::HostInfo;
use engine::volume::DRIVER;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn info(State(host): State<Arc<VirtualHost>>) -> Reply<Json<InfoResponse>> {
    Ok(Json(InfoResponse::new(host.info()?)))
}

/// What the flags say of limits is what `docker run` takes here.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InfoResponse {
    #[serde(rename = "ID")]
    id: String,
    containers: usize,
    containers_running: usize,
    containers_paused: usize,
    containers_stopped: usize,
    images: usize,
    driver: &'static str,
    driver_status: EmptyList,
    plugins: Plugins,
    memory_limit: bool,
    swap_limit: bool,
    cpu_cfs_period: bool,
    cpu_cfs_quota: bool,
    #[serde(rename = "CPUShares")]
    cpu_shares: bool,
    #[serde(rename = "CPUSet")]
    cpu_set: bool,
    pids_limit: bool,
    #[serde(rename = "IPv4Forwarding")]
    ipv4_forwarding: bool,
    debug: bool,
    #[serde(rename = "NFd")]
    n_fd: i64,
    oom_kill_disable: bool,
    n_goroutines: i64,
    system_time: String,
    logging_driver: &'static str,
    cgroup_driver: &'static str,
    cgroup_version: &'static str,
    n_events_listener: i64,
    kernel_version: String,
    operating_system: String,
    #[serde(rename = "OSVersion")]
    os_version: &'static str,
    #[serde(rename = "OSType")]
    os_type: &'static str,
    architecture: &'static str,
    index_server_address: &'static str,
    registry_config: RegistryConfig,
    #[serde(rename = "NCPU")]
    n_cpu: usize,
    mem_total: u64,
    generic_resources: Null,
    docker_root_dir: &'static str,
    http_proxy: &'static str,
    https_proxy: &'static str,
    no_proxy: &'static str,
    name: String,
    labels: EmptyList,
    experimental_build: bool,
    server_version: &'static str,
    runtimes: BTreeMap<&'static str, Runtime>,
    default_runtime: &'static str,
    swarm: Swarm,
    live_restore_enabled: bool,
    isolation: &'static str,
    init_binary: &'static str,
    containerd_commit: Commit,
    runc_commit: Commit,
    init_commit: Commit,
    security_options: [&'static str; 2],
    #[serde(rename = "CDISpecDirs")]
    cdi_spec_dirs: EmptyList,
    /// Docker's is `null` rather than empty.
    warnings: Option<Vec<&'static str>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Plugins {
    volume: [&'static str; 1],
    network: [&'static str; 2],
    authorization: Null,
    log: [&'static str; 1],
}

impl Default for Plugins {
    fn default() -> Self {
        Self { volume: [DRIVER], network: ["bridge", "null"], authorization: (), log: ["json-file"] }
    }
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RegistryConfig {
    #[serde(rename = "InsecureRegistryCIDRs")]
    insecure_registry_cidrs: EmptyList,
    index_configs: EmptyMap,
    mirrors: EmptyList,
}

#[derive(Debug, Serialize)]
struct Runtime {
    path: &'static str,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Swarm {
    #[serde(rename = "NodeID")]
    node_id: &'static str,
    node_addr: &'static str,
    local_node_state: &'static str,
    control_available: bool,
    error: &'static str,
    remote_managers: Null,
}

#[derive(Debug, Default, Serialize)]
struct Commit {
    #[serde(rename = "ID")]
    id: &'static str,
}

impl InfoResponse {
    fn new(info: HostInfo) -> Self {
        Self {
            warnings: Some(warnings(&info)).filter(|warnings| !warnings.is_empty()),
            id: info.id,
            containers: info.containers,
            containers_running: info.running,
            containers_paused: info.paused,
            containers_stopped: info.stopped,
            images: info.images,
            driver: GraphDriver::OVERLAY.name(),
            memory_limit: info.features.memory,
            swap_limit: info.features.swap,
            cpu_cfs_period: info.features.cpu_quota,
            cpu_cfs_quota: info.features.cpu_quota,
            cpu_shares: info.features.cpu_shares,
            cpu_set: info.features.cpuset,
            pids_limit: info.features.pids,
            oom_kill_disable: info.features.oom_kill_disable,
            ipv4_forwarding: true,
            system_time: rfc3339(now()),
            logging_driver: "json-file",
            cgroup_driver: "cgroupfs",
            cgroup_version: info.cgroup_version,
            kernel_version: info.kernel,
            operating_system: info.operating_system,
            os_type: "linux",
            architecture: info.architecture,
            n_cpu: info.cpus,
            mem_total: info.memory,
            name: info.name,
            server_version: VERSION,
            runtimes: RUNTIMES.map(|name| (name, Runtime { path: RUNTIMES[0] })).into(),
            default_runtime: RUNTIMES[0],
            swarm: Swarm { local_node_state: "inactive", ..Swarm::default() },
            // Containers outlive a restart of the server.
            live_restore_enabled: true,
            security_options: ["name=seccomp,profile=builtin", "name=userns"],
            ..Self::default()
        }
    }
}

/// What Docker says of limits that the machine doesn't have.
fn warnings(info: &HostInfo) -> Vec<&'static str> {
    let has = &info.features;
    let said = [
        (has.memory, "WARNING: No memory limit support"),
        (has.swap, "WARNING: No swap limit support"),
        (has.oom_kill_disable || info.cgroup_version == "2", "WARNING: No oom kill disable support"),
        (has.pids, "WARNING: No pids limit support"),
        (has.cpu_quota, "WARNING: No cpu cfs quota support"),
        (has.cpu_quota, "WARNING: No cpu cfs period support"),
        (has.cpu_shares, "WARNING: No cpu shares support"),
        (has.cpuset, "WARNING: No cpuset support"),
    ];
    said.into_iter().filter(|(supported, _)| !supported).map(|(_, warning)| warning).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_that_clients_read_is_missing() {
        let shown = serde_json::to_value(InfoResponse::new(HostInfo { architecture: "x86_64", ..HostInfo::default() }))
            .unwrap();
        assert_eq!(shown["Swarm"]["LocalNodeState"], "inactive");
        assert_eq!(shown["Runtimes"]["lernhafen"]["path"], "lernhafen");
        assert_eq!(shown["Labels"], serde_json::json!([]));
        for field in ["NCPU", "OSType", "CPUShares", "IPv4Forwarding", "NFd", "ID", "NGoroutines"] {
            assert!(shown.get(field).is_some(), "{field}");
        }
    }
}
