//! Mounts as a client asks for them.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All of them, in each of Docker's ways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mounts {
    /// `-v`: `source:target` or `source:target:mode`, where a source that is no path is a volume's name.
    pub binds: Vec<String>,
    /// `--mount`
    pub typed: Vec<Mount>,
    /// `-v target`: each gets a volume without a name.
    pub anonymous: BTreeSet<String>,
    /// `--volumes-from`: `container` or `container:mode`
    pub from: Vec<String>,
    /// Of volumes that are made for [`Self::binds`] and [`Self::anonymous`]; empty: `local`.
    pub driver: String,
}

/// One of `--mount`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, or what there is not.
    pub kind: String,
    pub source: String,
    pub target: String,
    pub read_only: bool,
    /// Only shown: Linux has one.
    pub consistency: String,
    pub bind: Option<BindOptions>,
    pub volume: Option<VolumeOptions>,
    pub tmpfs: Option<TmpfsOptions>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindOptions {
    pub propagation: String,
    pub non_recursive: bool,
    /// Make a directory where there is nothing.
    pub create_mountpoint: bool,
    /// What is mounted below the source may be written to, although the bind is read-only.
    pub read_only_non_recursive: bool,
    pub read_only_force_recursive: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeOptions {
    pub no_copy: bool,
    pub labels: BTreeMap<String, String>,
    pub subpath: String,
    /// `None`: nothing was said.
    pub driver: Option<Driver>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Driver {
    pub name: String,
    pub options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TmpfsOptions {
    /// Bytes; 0: half of the memory, as the kernel has it.
    pub size: i64,
    /// Permissions; 0: those that the kernel gives.
    pub mode: u32,
    /// Words, or names with values.
    pub options: Vec<Vec<String>>,
}
