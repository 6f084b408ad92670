//! A place in a container where something of the host is, as it is kept.

use crate::container::create::clean;
use crate::container::{Container, Status};
use crate::volume;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// One for each path in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountPoint {
    pub kind: MountKind,
    /// A volume's.
    pub name: String,
    /// A bind's: absolute, in the workstation.
    pub source: String,
    /// Absolute, below `/`, without `.` and `..`.
    pub target: String,
    /// Words as they were asked for.
    pub mode: String,
    pub writable: bool,
    /// A bind's.
    pub propagation: String,
    /// It was asked for without a name: it goes with the container, if it is removed with its volumes.
    pub anonymous: bool,
    /// What the image has there is copied into an empty volume.
    pub copy: bool,
    /// A directory is made in the workstation where there is nothing.
    pub make: bool,
    pub non_recursive: bool,
    pub read_only_non_recursive: bool,
    /// Of the volume; empty: all of it.
    pub subpath: String,
    /// Of a tmpfs: as `--tmpfs` has them.
    pub options: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountKind {
    Bind,
    Volume,
    Tmpfs,
}

impl MountKind {
    /// Docker's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bind => "bind",
            Self::Volume => "volume",
            Self::Tmpfs => "tmpfs",
        }
    }
}

impl MountPoint {
    pub(super) fn new(kind: MountKind, target: String) -> Self {
        Self {
            kind,
            name: String::new(),
            source: String::new(),
            target,
            mode: String::new(),
            writable: true,
            propagation: String::new(),
            anonymous: false,
            copy: false,
            make: false,
            non_recursive: false,
            read_only_non_recursive: false,
            subpath: String::new(),
            options: String::new(),
        }
    }

    /// As `docker ps` finds it: by its volume's name, or by either path.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.target == name || self.name == name || self.kind == MountKind::Bind && self.source == name
    }

    /// Where the workstation has what is mounted; empty for what it has not.
    pub fn shown_source(&self) -> String {
        match self.kind {
            MountKind::Volume => volume::mountpoint(&self.name),
            MountKind::Bind | MountKind::Tmpfs => self.source.clone(),
        }
    }
}

impl Container {
    /// Whether it has a volume of that name. One that is being removed has let go.
    pub(crate) fn uses_volume(&self, name: &str) -> bool {
        self.state.status != Status::Removing && self.volumes().any(|mount| mount.name == name)
    }

    /// What is mounted at a path, or where that lies in.
    pub(crate) fn mount_at(&self, path: &str) -> Option<&MountPoint> {
        let path = clean(&format!("/{path}"));
        self.mounts.iter().rev().find(|mount| Path::new(&path).starts_with(&mount.target))
    }

    pub(crate) fn volumes(&self) -> impl Iterator<Item = &MountPoint> {
        self.mounts.iter().filter(|mount| mount.kind == MountKind::Volume)
    }
}
