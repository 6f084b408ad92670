//! Sessions' virtual hosts, as the server sees them.

mod machine;

pub(crate) use machine::Machine;

use crate::session::Session;
use crate::terminal::Terminals;
use futures_util::future::BoxFuture;
use protocol::harbour::Harbour;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore, watch};
use tokio::task::JoinSet;

/// Tabs that may watch one virtual host at once.
const MAX_TABS: usize = 16;

/// A virtual host that runs: its terminals, and what is on it.
#[derive(Debug)]
pub(crate) struct Berth {
    pub(crate) terminals: Terminals,
    pub(crate) harbour: watch::Receiver<Harbour>,
    /// Each tab holds a permit.
    pub(crate) tabs: Arc<Semaphore>,
    /// Keeps `harbour` true.
    _watch: JoinSet<()>,
}

impl Berth {
    /// `watch` ends with the berth.
    pub(crate) fn new(terminals: Terminals, harbour: watch::Receiver<Harbour>, watch: JoinSet<()>) -> Self {
        Self { terminals, harbour, tabs: Arc::new(Semaphore::new(MAX_TABS)), _watch: watch }
    }
}

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
    berths: Mutex<HashMap<String, Arc<OnceCell<Arc<Berth>>>>>,
}

impl Hosts {
    pub(crate) fn new(source: Box<dyn HostSource>) -> Self {
        Self { source, berths: Mutex::default() }
    }

    /// The session's host. Waits for it to begin.
    pub(crate) async fn berth(&self, session: &Session) -> engine::Result<Arc<Berth>> {
        let cell = self.lock().entry(session.host.clone()).or_default().clone();
        cell.get_or_try_init(|| async { self.source.begin(session).await.map(Arc::new) }).await.cloned()
    }

    /// The host doesn't work: whoever asks next begins it again.
    pub(crate) fn forget(&self, session: &Session, broken: &Arc<Berth>) {
        let mut berths = self.lock();
        let current = berths.get(&session.host).and_then(|cell| cell.get());
        if current.is_some_and(|current| Arc::ptr_eq(current, broken)) {
            berths.remove(&session.host);
        }
    }

    /// Ends a session's host and everything on it.
    pub(crate) async fn end(&self, host: &str) -> engine::Result<()> {
        self.source.end(host).await?;
        self.lock().remove(host);
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<OnceCell<Arc<Berth>>>>> {
        self.berths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").finish_non_exhaustive()
    }
}
