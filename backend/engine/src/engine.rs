//! All virtual hosts of one machine.

use crate::disk::Disks;
use crate::host::{self, Found, HostRecord, HostSpec, Hosts, KeeperEvents, VirtualHost};
use crate::id::HostId;
use crate::network::RegistryServed;
use crate::parts::{EngineConfig, Parts};
use crate::store::{GRACE, Provider, Registries, Store};
use crate::turns::Turns;
use crate::{Error, Result, container};
use futures_util::{StreamExt, stream};
use parking_lot::{Mutex, MutexGuard};
use runtime::zygote::Zygote;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};

/// How long what nobody needs any more may lie about beyond [`GRACE`].
const BETWEEN_COLLECTIONS: Duration = Duration::from_mins(10);

/// Hosts that a server which begins takes over at the same time.
const AT_ONCE: usize = 64;

/// How long the end of a host may take once its keeper was told to go.
const LONGEST_END: Duration = Duration::from_secs(15);

/// The engine: the store of images, and the virtual hosts.
#[derive(Debug)]
pub struct Engine {
    parts: Arc<Parts>,
    hosts: Arc<Mutex<BTreeMap<HostId, Arc<VirtualHost>>>>,
    /// Taken while a host begins or is removed: a learner with two tabs must not get two hosts.
    turns: Turns,
    /// A place for each host that begins. What begins later would only slow down what began before: most of it is work for processors.
    places: Semaphore,
}

impl Engine {
    /// Finds again the hosts that still run. `store` is that of the same data directory: whoever opens registries over it needs it, too.
    pub async fn open(config: EngineConfig, store: Arc<Store>, zygote: Zygote) -> Result<Arc<Self>> {
        container::install_init(&config.run_dir)?;
        let db = store.db.clone();
        let data_dir = config.data_dir.clone();
        let disks = tokio::task::spawn_blocking(move || Disks::open(&data_dir)).await;
        let disks = disks.map_err(|error| Error::system(format!("cannot look through the disks: {error}")))?;
        let registries = Arc::new(Registries::new(&config.registries)?);
        let mut found = find_all(&config, Hosts(db.clone()).all()?).await;
        let (router, served, downloads) = (OnceCell::new(), RegistryServed::default(), Arc::default());
        let parts = Arc::new(Parts { config, db, store, registries, downloads, zygote, disks, router, served });
        if let Some(held) = found.iter_mut().find_map(Found::take_router) {
            parts.router.get_or_init(|| parts.open_router(Some(held))).await;
        }
        let places = Semaphore::new(2 * std::thread::available_parallelism().map_or(1, NonZero::get));
        let engine = Arc::new(Self { parts, hosts: Arc::default(), turns: Turns::default(), places });
        engine.take_over(found).await;
        collect_garbage(Arc::downgrade(&engine.parts));
        Ok(engine)
    }

    /// Who fetches images for everybody, also from these registries in private networks.
    pub fn provider(&self, private: BTreeSet<String>) -> Provider {
        let Parts { store, downloads, registries, .. } = &*self.parts;
        Provider::of(store.clone(), downloads.clone(), registries.clone(), private)
    }

    /// Gives the hosts that are there what has come into the catalogue since they began.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn offer_catalogue(&self) -> Result<()> {
        self.hosts().iter().try_for_each(|host| self.parts.store.adopt_catalogue(&host.owner()))
    }

    /// Every host that is there now.
    pub fn hosts(&self) -> Vec<Arc<VirtualHost>> {
        self.running().values().cloned().collect()
    }

    pub fn host(&self, id: &str) -> Option<Arc<VirtualHost>> {
        self.running().get(id).cloned()
    }

    /// Ids and names of all hosts, also of those that have ended and can begin again.
    pub fn recorded(&self) -> Result<Vec<(HostId, String)>> {
        Ok(self.records().all()?.into_iter().map(|record| (record.id, record.hostname)).collect())
    }

    /// The host of that id: found, or begun again if it had ended, or made new. It is called as `spec` says, and has its rules.
    pub async fn ensure_host(&self, spec: HostSpec) -> Result<Arc<VirtualHost>> {
        let turn = self.turns.take(&spec.id).await;
        if let Some(host) = self.host(&spec.id).filter(|host| !host.has_ended()) {
            if host.hostname() != spec.hostname {
                host.set_hostname(&spec.hostname).await?;
            }
            host.set_rules(spec.rules).await?;
            return Ok(host);
        }
        let record = match self.records().get(&spec.id)? {
            Some(record) => {
                self.records().set_hostname(&spec.id, &spec.hostname)?;
                self.records().set_rules(&spec.id, &spec.rules)?;
                HostRecord { hostname: spec.hostname.clone(), rules: spec.rules.clone(), ..record }
            }
            None => self.records().add(&spec)?,
        };
        let place = self.places.acquire().await;
        let (host, events) = host::begin(&self.parts, record).await?;
        drop(place);
        self.follow(host.clone(), events);
        let parts = self.parts.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = parts.disks.finish(&spec.id) {
                tracing::error!(host = spec.id.as_str(), %error, "a disk stays unfinished");
            }
            drop(turn);
        });
        Ok(host)
    }

    /// Ends everything on a host and forgets it, its containers and their files. Errors: no such host.
    pub async fn remove_host(&self, id: &str) -> Result<()> {
        let _turn = self.turns.take(id).await;
        let Some(HostRecord { id, .. }) = self.records().get(id)? else {
            return Err(Error::not_found(format!("No such virtual host: {id}")));
        };
        if let Some(host) = self.host(&id) {
            host.shut_down().await?;
            // Who asks for a host of that id next must not find this one, and what is written down of its end must not outlive it.
            if tokio::time::timeout(LONGEST_END, host.ended()).await.is_err() {
                return Err(Error::system(format!("virtual host {id} was shut down, but doesn't end")));
            }
        }
        host::sweep(&self.parts, &id).await?;
        self.records().delete(&id)?;
        let (parts, host) = (self.parts.clone(), id.clone());
        let removed = tokio::task::spawn_blocking(move || {
            let (data_dir, _) = parts.config.host_dirs(&host);
            crate::tree::remove(&data_dir);
            parts.disks.remove(&host)
        });
        removed
            .await
            .map_err(std::io::Error::from)
            .flatten()
            .map_err(|error| Error::system(format!("cannot delete the files of virtual host {id}: {error}")))
    }

    fn records(&self) -> Hosts {
        Hosts(self.parts.db.clone())
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<HostId, Arc<VirtualHost>>> {
        self.hosts.lock()
    }

    async fn take_over(&self, found: Vec<Found>) {
        let taken = stream::iter(found).map(|found| {
            let parts = self.parts.clone();
            tokio::spawn(async move {
                let id = found.id().clone();
                (id, host::find_again(&parts, found).await)
            })
        });
        let mut taken = taken.buffer_unordered(AT_ONCE);
        while let Some(taken) = taken.next().await {
            match taken {
                Ok((_, Ok((host, events)))) => self.follow(host, events),
                // One host that can't be found again must not keep the others from their learners.
                Ok((id, Err(error))) => {
                    tracing::error!(host = id.as_str(), %error, "a virtual host can't be found again")
                }
                Err(error) => tracing::error!(%error, "a virtual host can't be found again"),
            }
        }
    }

    /// Keeps a host in the list for as long as its keeper lives.
    fn follow(&self, host: Arc<VirtualHost>, events: KeeperEvents) {
        self.running().insert(host.id().clone(), host.clone());
        let (parts, hosts) = (self.parts.clone(), self.hosts.clone());
        tokio::spawn(async move {
            let id = host.id().clone();
            host.clone().follow(parts, events).await;
            let mut hosts = hosts.lock();
            // It may have begun anew under the same id while the old one was being recorded.
            if hosts.get(&id).is_some_and(|current| Arc::ptr_eq(current, &host)) {
                hosts.remove(&id);
            }
        });
    }
}

/// Now and then, for as long as the engine is there.
fn collect_garbage(parts: Weak<Parts>) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(BETWEEN_COLLECTIONS);
        loop {
            interval.tick().await;
            let Some(store) = parts.upgrade().map(|parts| parts.store.clone()) else { return };
            let collected = tokio::task::spawn_blocking(move || store.collect_garbage(GRACE)).await;
            if let Ok(Err(error)) = collected {
                tracing::error!(%error, "cannot remove the images that nobody has any more");
            }
        }
    });
}

/// The hosts that run.
async fn find_all(config: &EngineConfig, records: Vec<HostRecord>) -> Vec<Found> {
    let found = stream::iter(records).map(|record| async {
        let id = record.id.clone();
        let found = host::find(config, record).await;
        found.unwrap_or_else(|error| {
            tracing::error!(host = id.as_str(), %error, "a virtual host can't be found again");
            None
        })
    });
    found.buffer_unordered(AT_ONCE).filter_map(async |found| found).collect().await
}
