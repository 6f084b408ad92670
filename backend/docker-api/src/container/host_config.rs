//! `HostConfig` of `inspect`: with Docker's defaults for all that cannot be asked for yet.

use super::mounts::MountFields;
use super::privileges::PrivilegesShown;
use super::refused::RUNTIMES;
use super::resources::Resources;
use super::sharing::SharingFields;
use super::surroundings::SurroundingsFields;
use super::{log_config, restart_policy};
use crate::json::{EmptyList, EmptyMap, Null};
use engine::container::Container;
use serde::Serialize;

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HostConfig {
    #[serde(rename = "ContainerIDFile")]
    container_id_file: String,
    log_config: log_config::Response,
    network_mode: String,
    port_bindings: EmptyMap,
    restart_policy: restart_policy::Response,
    auto_remove: bool,
    console_size: [u16; 2],
    dns: EmptyList,
    dns_options: EmptyList,
    dns_search: EmptyList,
    extra_hosts: Null,
    cgroup: &'static str,
    links: Null,
    publish_all_ports: bool,
    readonly_rootfs: bool,
    runtime: String,
    isolation: String,
    #[serde(flatten)]
    resources: Resources,
    #[serde(flatten)]
    other_resources: OtherResources,
    #[serde(flatten)]
    privileges: PrivilegesShown,
    #[serde(flatten)]
    surroundings: SurroundingsFields,
    #[serde(flatten)]
    sharing: SharingFields,
    #[serde(flatten)]
    mounts: MountFields,
}

/// Of Docker's `Resources`, what is no limit or none of Linux.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct OtherResources {
    cgroup_parent: &'static str,
    cpu_realtime_period: i64,
    cpu_realtime_runtime: i64,
    device_cgroup_rules: Null,
    device_requests: Null,
    cpu_count: i64,
    #[serde(rename = "IOMaximumIOps")]
    io_maximum_iops: u64,
    #[serde(rename = "IOMaximumBandwidth")]
    io_maximum_bandwidth: u64,
}

impl HostConfig {
    pub(super) fn new(container: &Container) -> Self {
        let spec = &container.spec;
        Self {
            log_config: (&spec.log).into(),
            restart_policy: spec.restart_policy.into(),
            network_mode: spec.network_mode.to_string(),
            auto_remove: spec.auto_remove,
            container_id_file: spec.container_id_file.clone(),
            console_size: spec.console_size,
            readonly_rootfs: spec.read_only,
            runtime: Some(&spec.runtime).filter(|name| !name.is_empty()).map_or(RUNTIMES[0].to_owned(), String::clone),
            isolation: spec.isolation.clone(),
            resources: Resources::from(&spec.resources),
            privileges: (&spec.privileges).into(),
            surroundings: (&spec.surroundings).into(),
            sharing: (&spec.sharing).into(),
            mounts: (&spec.mounts).into(),
            ..Self::default()
        }
    }
}
