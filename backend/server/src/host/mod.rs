//! Sessions' virtual hosts, as the server sees them.

mod berth;
mod ready;
mod workshop;

pub(crate) use berth::{Berth, Over, Signals};
pub(crate) use ready::{HOSTNAME as READY_HOSTNAME, quiet};
pub(crate) use workshop::WorkshopHosts;

use crate::session::Session;
use futures_util::future::BoxFuture;
use parking_lot::{Mutex, MutexGuard};
use ready::Ready;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// What makes virtual hosts: the machine, by a workshop's rules.
pub(crate) trait HostSource: Send + Sync + 'static {
    /// A session's host, which is called `hostname`: found, begun again, or made.
    fn begin<'a>(&'a self, host: &'a str, hostname: &'a str) -> BoxFuture<'a, engine::Result<Berth>>;
    /// A host of that id that nobody has yet, called [`READY_HOSTNAME`].
    fn begin_ahead<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>>;
    /// Ends everything on the host and forgets it. One that isn't there has ended.
    fn end<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>>;
}

/// All sessions' hosts, each begun once however many tabs ask for it at once.
pub(crate) struct Hosts {
    source: Box<dyn HostSource>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    ready: Ready,
}

/// The place of a session's host. Held while the host begins or ends: whoever comes waits for the outcome.
type Slot = tokio::sync::Mutex<Option<Arc<Berth>>>;

impl Hosts {
    pub(crate) fn new(source: Box<dyn HostSource>) -> Self {
        Self { source, slots: Mutex::default(), ready: Ready::default() }
    }

    /// A host that has begun ahead, for somebody who joins. It is theirs, or given back.
    pub(crate) fn claim(&self) -> Option<String> {
        self.ready.take()
    }

    pub(crate) fn give_back(&self, host: String) {
        self.ready.add(host);
    }

    /// How many have begun ahead and wait.
    pub(crate) fn ready(&self) -> usize {
        self.ready.count()
    }

    /// Begins one more host ahead.
    pub(crate) async fn begin_ahead(&self) -> engine::Result<()> {
        let host = random_id().map_err(|error| engine::Error::system(format!("cannot get random numbers: {error}")))?;
        self.source.begin_ahead(&host).await?;
        self.ready.add(host);
        Ok(())
    }

    /// Changes whenever somebody comes or goes.
    pub(crate) fn moves(&self) -> watch::Receiver<u64> {
        self.ready.moves()
    }

    /// The session's host. Waits for it to begin.
    pub(crate) async fn berth(&self, session: &Session) -> engine::Result<Arc<Berth>> {
        let slot = self.slot(&session.host);
        let mut berth = slot.lock().await;
        if let Some(berth) = &*berth {
            return Ok(berth.clone());
        }
        let begun = Arc::new(self.source.begin(&session.host, &session.host_name).await?);
        Ok(berth.insert(begun).clone())
    }

    /// The host doesn't work: whoever asks next begins it again.
    pub(crate) async fn forget(&self, session: &Session, broken: &Arc<Berth>) {
        let slot = self.slot(&session.host);
        let mut berth = slot.lock().await;
        if berth.as_ref().is_some_and(|current| Arc::ptr_eq(current, broken)) {
            *berth = None;
        }
    }

    /// Ends a session's host and everything on it; whoever asks for it next gets a new one. Its tabs are told `why`.
    pub(crate) async fn end(&self, host: &str, why: Over) -> engine::Result<()> {
        let slot = self.slot(host);
        let mut berth = slot.lock().await;
        if let Some(berth) = berth.take() {
            berth.end(why);
        }
        self.source.end(host).await?;
        self.ready.stir();
        drop(berth);
        let mut slots = self.slots();
        // Whoever waits for it has it, too; so has the map.
        if Arc::strong_count(&slot) == 2 {
            slots.remove(host);
        }
        Ok(())
    }

    fn slot(&self, host: &str) -> Arc<Slot> {
        self.slots().entry(host.to_owned()).or_default().clone()
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Arc<Slot>>> {
        self.slots.lock()
    }
}

/// An id for a new host, that tells nobody whose it is.
pub(crate) fn random_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes)?;
    Ok(format!("s{}", hex::encode(bytes)))
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").finish_non_exhaustive()
    }
}
