//! What is kept of a host's containers while it runs.

use super::exec::ExecEntry;
use super::{Entry, record};
use crate::Result;
use crate::db::Database;
use crate::id::{ContainerId, HostId};
use crate::network::Endpoint;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Containers {
    /// Sorted by id, so that the beginning of an id finds its container.
    pub(crate) entries: RwLock<BTreeMap<ContainerId, Arc<Entry>>>,
    pub(super) execs: Mutex<HashMap<String, ExecEntry>>,
    /// Held while files of a container are looked through, which only the server's own processors pay for.
    pub(crate) walking: tokio::sync::Mutex<()>,
}

impl Containers {
    /// As they are written down.
    pub(crate) fn load(db: &Database, host: &HostId) -> Result<Self> {
        let entry = |container| Arc::new(Entry::new(db.clone(), host.clone(), container));
        let entries = record::load(db, host)?.into_iter().map(entry).map(|entry| (entry.id.clone(), entry));
        Ok(Self {
            entries: RwLock::new(entries.collect()),
            execs: Mutex::default(),
            walking: tokio::sync::Mutex::default(),
        })
    }

    /// Where those that run are in their networks.
    pub(crate) fn endpoints(&self) -> Vec<(ContainerId, Endpoint)> {
        let running = self.entries.read();
        let running = running.values().filter(|entry| entry.is_running());
        running.filter_map(|entry| Some((entry.id.clone(), entry.record().network.clone()?))).collect()
    }
}
