//! What all virtual hosts of an engine share.

use crate::db::Database;
use crate::disk::Disks;
use crate::id::HostId;
use crate::network::{RegistryListener, RegistryServed, Router, registry_port};
use crate::store::{Downloads, Registries, RegistryConfig, Store};
use runtime::zygote::Zygote;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Where things are, and what is the same for all hosts.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// What stays: database, layers, containers.
    pub data_dir: PathBuf,
    /// What dies with the boot: sockets, bundles.
    pub run_dir: PathBuf,
    pub registries: RegistryConfig,
}

impl EngineConfig {
    /// The directories of a host: what stays, and what dies with the boot.
    pub(crate) fn host_dirs(&self, id: &HostId) -> (PathBuf, PathBuf) {
        (self.data_dir.join("hosts").join(id.as_str()), self.run_dir.join("hosts").join(id.as_str()))
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
    pub(crate) router: OnceCell<Option<Outside>>,
    pub(crate) served: RegistryServed,
}

/// The network beyond the hosts' own.
#[derive(Debug)]
pub(crate) struct Outside {
    router: Router,
    /// Listens for as long as the engine is there.
    _registries: Option<RegistryListener>,
}

impl Parts {
    /// The router, which is opened for the first host that `needs` it. `None`: none has, or this machine can't have it.
    pub(crate) async fn router(&self, needs: bool) -> Option<&Router> {
        if needs {
            self.router.get_or_init(|| self.open_router(None)).await;
        }
        self.router_if_open()
    }

    pub(crate) fn router_if_open(&self) -> Option<&Router> {
        self.router.get()?.as_ref().map(|outside| &outside.router)
    }

    /// Lets programs on the host of that number reach the registry of that name, or none.
    pub(crate) fn serve_registry(&self, host: u32, name: Option<&str>) {
        let registry = name.and_then(|name| Some((registry_port(name), self.registries.own().get(name)?.clone())));
        self.served.set(host, registry);
    }

    /// The network beyond the hosts' own, as far as this machine can have it: they work without.
    pub(crate) async fn open_router(&self, held: Option<OwnedFd>) -> Option<Outside> {
        let ports = self.registries.own().keys().map(|name| registry_port(name)).collect();
        let opened = Router::open(held, &ports).await;
        let router = opened.inspect_err(|error| tracing::warn!(%error, "virtual hosts are alone")).ok()?;
        let listening = RegistryListener::open(&router, &ports, &self.served).await;
        let listening = listening
            .inspect_err(|error| tracing::error!(%error, "programs in virtual hosts can't reach their registries"));
        Some(Outside { router, _registries: listening.ok() })
    }
}
