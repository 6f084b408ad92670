//! Volumes: what is written down, what lies on the host's disk, and every verb in a file of its own.
//!
//! A volume is a directory of its name on the host's disk, with what is in it below `_data`. The workstation has the directory of all
//! at `/var/lib/docker/volumes`, so that there is what `docker volume inspect` says; its owner is root there, and may do to it what
//! root may. So nothing in it is opened by following links (`directory.rs`).

mod create;
mod directory;
mod event;
mod inspect;
mod list;
mod local;
mod name;
mod prune;
mod record;
mod remove;
mod source;
mod usage;

pub use create::NewVolume;
pub use list::VolumeFilter;
pub use prune::{PrunedVolumes, VolumePruneFilter};
pub use usage::VolumeUsage;

pub(crate) use create::Begun;

use std::collections::BTreeMap;

/// The one driver.
pub const DRIVER: &str = "local";

/// Where the workstation has the directory of all.
pub const MOUNTED: &str = "/var/lib/docker/volumes";

/// The label of those that were made without a name, as Docker's.
const ANONYMOUS: &str = "com.docker.volume.anonymous";

/// A volume, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub name: String,
    /// Of the driver: `type`, `device`, `o`.
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    /// Nanoseconds since the epoch.
    pub created: i64,
}

impl Volume {
    /// Where the workstation has what is in it.
    pub fn mountpoint(&self) -> String {
        mountpoint(&self.name)
    }

    /// Made without a name.
    pub fn is_anonymous(&self) -> bool {
        self.labels.contains_key(ANONYMOUS)
    }
}

/// Where the workstation has what is in a volume.
pub fn mountpoint(name: &str) -> String {
    format!("{MOUNTED}/{name}/_data")
}

/// What keeps those apart who do something to the volumes of a host.
#[derive(Debug, Default)]
pub(crate) struct Volumes {
    /// Shared by those who make use of volumes, until the containers that use them are written down; alone is who removes some.
    pub(crate) users: tokio::sync::RwLock<()>,
    /// Held while a volume is filled: the second who wants to finds that it is no longer empty.
    pub(crate) filling: tokio::sync::Mutex<()>,
}
