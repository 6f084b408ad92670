//! Sessions' virtual hosts, as the server sees them.

mod berth;
mod machine;

pub(crate) use berth::{Berth, Over, Signals};
pub(crate) use machine::Machine;

use crate::session::Session;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What makes virtual hosts: the engine, with the Docker API on each.
pub(crate) trait HostSource: Send + Sync + 'static {
    /// The session's host: found, begun again, or made.
    fn begin<'a>(&'a self, session: &'a Session) -> BoxFuture<'a, engine::Result<Berth>>;
    /// Ends everything on the host and forgets it. One that isn't there has ended.
    fn end<'a>(&'a self, host: &'a str) -> BoxFuture<'a, engine::Result<()>>;
}

/// All sessions' hosts, each begun once however many tabs ask for it at once.
pub(crate) struct Hosts {
    source: Box<dyn HostSource>,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
}

/// The place of a session's host. Held while the host begins or ends: whoever comes waits for the outcome.
type Slot = tokio::sync::Mutex<Option<Arc<Berth>>>;

impl Hosts {
    pub(crate) fn new(source: Box<dyn HostSource>) -> Self {
        Self { source, slots: Mutex::default() }
    }

    /// The session's host. Waits for it to begin.
    pub(crate) async fn berth(&self, session: &Session) -> engine::Result<Arc<Berth>> {
        let slot = self.slot(&session.host);
        let mut berth = slot.lock().await;
        if let Some(berth) = &*berth {
            return Ok(berth.clone());
        }
        let begun = Arc::new(self.source.begin(session).await?);
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
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").finish_non_exhaustive()
    }
}
