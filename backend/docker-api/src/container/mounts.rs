//! Mounts, as a create request has them, and as `inspect` and `ps` show them.

use engine::container::{self, Container, MountKind, MountPoint};
use engine::volume::DRIVER;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The fields of `HostConfig`. What isn't asked for is `null`, as in Docker.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct MountFields {
    binds: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mounts: Option<Vec<Mount>>,
    volumes_from: Option<Vec<String>>,
    volume_driver: String,
}

/// Left out where it is empty, as in Docker.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mount {
    #[serde(rename = "Type", skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    target: String,
    #[serde(skip_serializing_if = "is_false")]
    read_only: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    consistency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bind_options: Option<BindOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_options: Option<VolumeOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tmpfs_options: Option<TmpfsOptions>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct BindOptions {
    #[serde(skip_serializing_if = "String::is_empty")]
    propagation: String,
    #[serde(skip_serializing_if = "is_false")]
    non_recursive: bool,
    #[serde(skip_serializing_if = "is_false")]
    create_mountpoint: bool,
    #[serde(skip_serializing_if = "is_false")]
    read_only_non_recursive: bool,
    #[serde(skip_serializing_if = "is_false")]
    read_only_force_recursive: bool,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct VolumeOptions {
    #[serde(skip_serializing_if = "is_false")]
    no_copy: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    subpath: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver_config: Option<DriverConfig>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct DriverConfig {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    options: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
struct TmpfsOptions {
    #[serde(skip_serializing_if = "is_zero")]
    size_bytes: i64,
    #[serde(skip_serializing_if = "is_zero")]
    mode: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    options: Vec<Vec<String>>,
}

impl MountFields {
    /// `anonymous`: the paths of `Volumes`.
    pub(super) fn asked(self, anonymous: impl Iterator<Item = String>) -> container::Mounts {
        container::Mounts {
            binds: self.binds.unwrap_or_default(),
            typed: self.mounts.into_iter().flatten().map(container::Mount::from).collect(),
            anonymous: anonymous.collect(),
            from: self.volumes_from.unwrap_or_default(),
            driver: self.volume_driver,
        }
    }
}

impl From<&container::Mounts> for MountFields {
    fn from(asked: &container::Mounts) -> Self {
        let some = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
        let mounts: Vec<Mount> = asked.typed.iter().map(Mount::from).collect();
        Self {
            binds: some(&asked.binds),
            mounts: Some(mounts).filter(|mounts| !mounts.is_empty()),
            volumes_from: some(&asked.from),
            volume_driver: asked.driver.clone(),
        }
    }
}

impl From<Mount> for container::Mount {
    fn from(asked: Mount) -> Self {
        Self {
            kind: asked.kind,
            source: asked.source,
            target: asked.target,
            read_only: asked.read_only,
            consistency: asked.consistency,
            bind: asked.bind_options.map(|options| container::BindOptions {
                propagation: options.propagation,
                non_recursive: options.non_recursive,
                create_mountpoint: options.create_mountpoint,
                read_only_non_recursive: options.read_only_non_recursive,
                read_only_force_recursive: options.read_only_force_recursive,
            }),
            volume: asked.volume_options.map(|options| container::VolumeOptions {
                no_copy: options.no_copy,
                labels: options.labels,
                subpath: options.subpath,
                driver: options
                    .driver_config
                    .map(|driver| container::Driver { name: driver.name, options: driver.options }),
            }),
            tmpfs: asked.tmpfs_options.map(|options| container::TmpfsOptions {
                size: options.size_bytes,
                mode: options.mode,
                options: options.options,
            }),
        }
    }
}

impl From<&container::Mount> for Mount {
    fn from(kept: &container::Mount) -> Self {
        let kept = kept.clone();
        Self {
            kind: kept.kind,
            source: kept.source,
            target: kept.target,
            read_only: kept.read_only,
            consistency: kept.consistency,
            bind_options: kept.bind.map(|options| BindOptions {
                propagation: options.propagation,
                non_recursive: options.non_recursive,
                create_mountpoint: options.create_mountpoint,
                read_only_non_recursive: options.read_only_non_recursive,
                read_only_force_recursive: options.read_only_force_recursive,
            }),
            volume_options: kept.volume.map(|options| VolumeOptions {
                no_copy: options.no_copy,
                labels: options.labels,
                subpath: options.subpath,
                driver_config: options.driver.map(|driver| DriverConfig { name: driver.name, options: driver.options }),
            }),
            tmpfs_options: kept.tmpfs.map(|options| TmpfsOptions {
                size_bytes: options.size,
                mode: options.mode,
                options: options.options,
            }),
        }
    }
}

/// What a container sees of the host.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MountResponse {
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    source: String,
    destination: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    driver: &'static str,
    mode: String,
    #[serde(rename = "RW")]
    writable: bool,
    propagation: String,
}

impl From<&MountPoint> for MountResponse {
    fn from(point: &MountPoint) -> Self {
        Self {
            kind: point.kind.word(),
            name: point.name.clone(),
            source: point.shown_source(),
            destination: point.target.clone(),
            driver: if point.kind == MountKind::Volume { DRIVER } else { "" },
            mode: point.mode.clone(),
            writable: point.writable,
            propagation: point.propagation.clone(),
        }
    }
}

/// Those of a container.
pub(super) fn all(container: &Container) -> Vec<MountResponse> {
    container.mounts.iter().map(MountResponse::from).collect()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_false(value: &bool) -> bool {
    !value
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_zero<T: Default + PartialEq>(number: &T) -> bool {
    *number == T::default()
}
