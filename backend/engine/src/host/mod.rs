//! A virtual host: what a learner takes for "my Docker host".
//!
//! Here is its own life: how it begins, is found again and ends, its shells, its memory. What is on it is listed in
//! `kinds.rs`; the verbs of each kind are in [`crate::container`], [`crate::image`], [`crate::network`] and
//! [`crate::volume`].

mod begin;
mod end;
mod files;
mod foreground;
mod hostname;
mod info;
mod kinds;
mod observed;
mod record;
mod rules;
mod session;
mod shell;
mod shortage;
mod view;

pub use foreground::Foreground;
pub use info::{Features, HostInfo};
pub use observed::Observed;
pub use record::HostSpec;
pub use rules::HostRules;
pub use shell::Shell;
pub use shortage::{Ended, Shortage};
pub use view::Observer;

pub(crate) use begin::{Found, KeeperEvents, begin, find, find_again};
pub(crate) use end::sweep;
pub(crate) use files::HostFiles;
pub(crate) use record::{HostRecord, Hosts};

use crate::container::{Entry, Rootfs};
use crate::event::{Event, EventLog};
use crate::id::{ContainerId, HostId};
use crate::keeper::Keeper;
use crate::parts::Parts;
use crate::store::Owner;
use kinds::Kinds;
use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};
use runtime::cgroup::HostLimits;
use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::UnixListener;
use tokio::sync::{broadcast, mpsc, watch};
use view::View;

/// A running virtual host. Names of containers may be names, ids, or unambiguous beginnings of ids.
#[derive(Debug)]
pub struct VirtualHost {
    pub(crate) parts: Arc<Parts>,
    pub(crate) record: HostRecord,
    hostname: Mutex<String>,
    pub(crate) keeper: Keeper,
    rules: RwLock<Arc<HostRules>>,
    pub(crate) kinds: Kinds,
    /// Held while the host's cable is made or changed.
    pub(crate) plugging: tokio::sync::Mutex<()>,
    pub(crate) events: EventLog,
    view: View<Observed>,
    shortages: broadcast::Sender<Shortage>,
    pub(crate) network_namespace: Arc<OwnedFd>,
    /// Held while a shell is looked for and begun: two tabs must not begin the same one twice.
    shells: tokio::sync::Mutex<()>,
    listener: Mutex<Option<UnixListener>>,
    /// Set once it has ended and everything on it is recorded as ended.
    over: watch::Sender<bool>,
    /// What stays.
    pub(crate) files: HostFiles,
    /// What dies with the boot: `<run>/hosts/<id>`.
    run_dir: PathBuf,
}

impl VirtualHost {
    pub fn id(&self) -> &HostId {
        &self.record.id
    }

    /// Whose its images are.
    pub(crate) fn owner(&self) -> Owner {
        Owner::Host(self.record.id.clone())
    }

    /// What the host may use: memory in bytes, processes, thousandths of a processor.
    pub fn limits(&self) -> HostLimits {
        self.record.limits
    }

    /// The listening socket of the workstation's `/var/run/docker.sock`, the first time that it is asked for:
    /// whoever takes it serves the Docker API on it.
    pub fn take_listener(&self) -> Option<UnixListener> {
        self.listener.lock().take()
    }

    /// What has happened since the engine started (a bounded number), and what will.
    pub fn events(&self) -> (Vec<Event>, mpsc::Receiver<Event>) {
        self.events.subscribe()
    }

    /// Waits until the host has ended, whoever ended it.
    pub async fn ended(&self) {
        // The sender is in `self`: this can't fail.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
    }

    pub(crate) fn has_ended(&self) -> bool {
        *self.over.borrow()
    }

    pub(crate) fn read_containers(&self) -> RwLockReadGuard<'_, BTreeMap<ContainerId, Arc<Entry>>> {
        self.kinds.containers.entries.read()
    }

    pub(crate) fn write_containers(&self) -> RwLockWriteGuard<'_, BTreeMap<ContainerId, Arc<Entry>>> {
        self.kinds.containers.entries.write()
    }

    /// The files of the workstation, if the host has one.
    pub(crate) fn workstation_files(&self) -> Option<Rootfs> {
        let image = self.parts.store.image(&Owner::Catalogue, self.record.workstation.as_ref()?).ok()?;
        let upper = self.files.reached().join("workstation/upper");
        Some(Rootfs { upper, layers: self.parts.store.layers(&image) })
    }

    pub(crate) fn containers_dir(&self) -> PathBuf {
        self.files.reached().join("containers")
    }

    /// A container's directory as the engine reaches it.
    pub(crate) fn container_dir(&self, id: &ContainerId) -> PathBuf {
        self.containers_dir().join(id.as_str())
    }

    /// The same as the keeper names it.
    pub(crate) fn container_dir_in_keeper(&self, id: &ContainerId) -> PathBuf {
        self.files.named().join("containers").join(id.as_str())
    }

    /// Where what is to be deleted waits for it.
    pub(crate) fn trash_dir(&self) -> PathBuf {
        self.files.reached().join("trash")
    }

    pub(crate) fn bundles_dir(&self) -> PathBuf {
        self.run_dir.join("bundles")
    }

    pub(crate) fn bundle_dir(&self, id: &ContainerId) -> PathBuf {
        self.bundles_dir().join(id.as_str())
    }
}
