//! What is of the machine, whatever workshops are open on it.

use crate::config::WorkshopConfig;
use crate::host::READY_HOSTNAME;
use crate::registry::Registry;
use anyhow::Context;
use engine::db::Database;
use engine::image::{Dial, RegistryConfig, Store};
use engine::{Engine, EngineConfig, ErrorKind, HostId, HostSpec, VirtualHost};
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use runtime::zygote::Zygote;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Hosts that end at the same time, when nobody has them any more.
const AT_ONCE: usize = 8;

/// The engine, the registries within this process, and the Docker API on each host's socket.
pub struct Machine {
    pub(crate) engine: Arc<Engine>,
    pub(crate) data_dir: PathBuf,
    /// By name.
    registries: BTreeMap<String, Registry>,
    /// One task per host. It outlives the host's [`Berth`](crate::host::Berth): who types `docker ps` needs no browser.
    apis: Mutex<HashMap<HostId, JoinSet<()>>>,
}

impl Machine {
    /// Opens the engine for these workshops, with their registries. Hosts that still run get their Docker API back at once.
    ///
    /// # Errors
    /// The directories can't be made or read, or the settings name what is no registry.
    pub async fn open(
        data_dir: PathBuf,
        run_dir: PathBuf,
        workshops: &[&WorkshopConfig],
        zygote: Zygote,
    ) -> anyhow::Result<Arc<Self>> {
        let store = open_store(&data_dir)?;
        let (mut registries, mut config) = (BTreeMap::new(), RegistryConfig::default());
        for settings in workshops.iter().map(|workshop| &workshop.registry) {
            let registry = Registry::open(&store, settings)?;
            config.mirrors.extend_from_slice(&settings.mirrors);
            config.insecure.extend(settings.insecure.iter().cloned());
            config.own.insert(registry.name().to_owned(), Arc::new(registry.clone()) as Arc<dyn Dial>);
            registries.insert(registry.name().to_owned(), registry);
        }
        let engine_config = EngineConfig { data_dir: data_dir.clone(), run_dir, registries: config };
        let engine = Engine::open(engine_config, store, zygote).await.context("the engine can't be opened")?;
        let machine = Self { engine, data_dir, registries, apis: Mutex::default() };
        for host in machine.engine.hosts() {
            machine.serve_api(&host);
        }
        Ok(Arc::new(machine))
    }

    /// The registry of that name that is within this process.
    pub(crate) fn registry(&self, name: &str) -> Option<&Registry> {
        self.registries.get(name)
    }

    /// A host, found, begun again or made, with the Docker API on its socket.
    pub(crate) async fn ensure(&self, spec: HostSpec) -> engine::Result<Arc<VirtualHost>> {
        let host = self.engine.ensure_host(spec).await?;
        self.serve_api(&host);
        Ok(host)
    }

    /// Ends everything on a host and forgets it. One that isn't there has ended.
    pub(crate) async fn end(&self, host: &str) -> engine::Result<()> {
        match self.engine.remove_host(host).await {
            Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        self.apis.lock().remove(host);
        Ok(())
    }

    /// Ends the hosts that began ahead and that nobody has: they are called [`READY_HOSTNAME`], and are not in `taken`.
    pub(crate) async fn end_unclaimed(&self, taken: &HashSet<String>) -> engine::Result<()> {
        let mut hosts = self.engine.recorded()?;
        hosts.retain(|(host, name)| name == READY_HOSTNAME && !taken.contains(host.as_str()));
        let mut ends = stream::iter(&hosts).map(|(host, _)| self.end(host)).buffer_unordered(AT_ONCE);
        let mut outcome = Ok(());
        while let Some(ended) = ends.next().await {
            outcome = outcome.and(ended);
        }
        outcome
    }

    fn serve_api(&self, host: &Arc<VirtualHost>) {
        let Some(listener) = host.take_listener() else { return };
        let mut task = JoinSet::new();
        task.spawn(docker_api::serve(listener, host.clone()));
        self.apis.lock().insert(host.id().clone(), task);
    }
}

impl std::fmt::Debug for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Machine").field("data_dir", &self.data_dir).finish_non_exhaustive()
    }
}

/// The images in a data directory.
pub(crate) fn open_store(data_dir: &Path) -> anyhow::Result<Arc<Store>> {
    let database = Database::open(data_dir)?;
    Store::open(data_dir, database).map(Arc::new).context("the images can't be opened")
}
