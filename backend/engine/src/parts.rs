//! What all virtual hosts of an engine share.

use crate::container::Policy;
use crate::db::Database;
use crate::disk::Disks;
use crate::network::{HarbourListener, Router};
use crate::store::{Downloads, Registries, RegistryConfig, Store};
use runtime::zygote::Zygote;
use std::path::PathBuf;
use std::sync::Arc;

/// Where things are.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// What stays: database, layers, containers.
    pub data_dir: PathBuf,
    /// What dies with the boot: sockets, bundles.
    pub run_dir: PathBuf,
    /// Whether virtual hosts are let out to the world (not to this machine, its neighbours, or each other).
    pub way_out: bool,
    pub policy: Policy,
    /// MiB that each new virtual host may write to disk, [`crate::SMALLEST_MIB`] to [`crate::LARGEST_MIB`]; 0: as much as there is.
    pub disk_mib: u64,
    pub registry: RegistryConfig,
}

impl EngineConfig {
    /// The directories of a host: what stays, and what dies with the boot.
    pub(crate) fn host_dirs(&self, id: &str) -> (PathBuf, PathBuf) {
        (self.data_dir.join("hosts").join(id), self.run_dir.join("hosts").join(id))
    }
}

/// What every virtual host needs of the engine.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) config: EngineConfig,
    pub(crate) db: Database,
    pub(crate) store: Arc<Store>,
    pub(crate) registries: Arc<Registries>,
    pub(crate) downloads: Arc<Downloads>,
    pub(crate) zygote: Zygote,
    pub(crate) disks: Disks,
    /// `None`: nobody needs it, or this machine can't have it.
    pub(crate) router: Option<Router>,
    /// Listens for as long as the engine is there.
    pub(crate) _harbour: Option<HarbourListener>,
}
