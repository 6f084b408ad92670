//! The fields of `HostConfig` that say what a container finds around it.

use engine::container::{Device, Surroundings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// As a create request has them, and as `inspect` shows them.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SurroundingsFields {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tmpfs: BTreeMap<String, String>,
    shm_size: i64,
    devices: Vec<DeviceMapping>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    sysctls: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    init: Option<bool>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeviceMapping {
    path_on_host: String,
    path_in_container: String,
    cgroup_permissions: String,
}

impl From<SurroundingsFields> for Surroundings {
    fn from(asked: SurroundingsFields) -> Self {
        let device = |device: DeviceMapping| Device {
            on_host: device.path_on_host,
            in_container: device.path_in_container,
            permissions: device.cgroup_permissions,
        };
        Self {
            tmpfs: asked.tmpfs,
            shm_size: asked.shm_size,
            devices: asked.devices.into_iter().map(device).collect(),
            sysctls: asked.sysctls,
            annotations: asked.annotations,
            init: asked.init,
        }
    }
}

impl From<&Surroundings> for SurroundingsFields {
    fn from(kept: &Surroundings) -> Self {
        let device = |device: &Device| DeviceMapping {
            path_on_host: device.on_host.clone(),
            path_in_container: device.in_container.clone(),
            cgroup_permissions: device.permissions.clone(),
        };
        Self {
            tmpfs: kept.tmpfs.clone(),
            shm_size: i64::try_from(kept.shm_size()).unwrap_or(i64::MAX),
            devices: kept.devices.iter().map(device).collect(),
            sysctls: kept.sysctls.clone(),
            annotations: kept.annotations.clone(),
            init: kept.init,
        }
    }
}
