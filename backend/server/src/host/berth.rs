//! A virtual host that runs, as the tabs see it.

use crate::containers::Containers;
use crate::terminal::Terminals;
use futures_util::stream::BoxStream;
use protocol::harbour::Harbour;
use protocol::message::Happened;
use std::sync::Arc;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::task::JoinSet;

/// Tabs that may watch one virtual host at once.
const MAX_TABS: usize = 16;

/// What tabs ask of a virtual host's containers at once.
const MAX_ACTIONS: usize = 16;

/// What happens on a host and waits to be told to a tab.
const MAX_HAPPENED: usize = 16;

/// A virtual host's terminals, and what is on it.
pub(crate) struct Berth {
    pub(crate) terminals: Terminals,
    pub(crate) containers: Arc<dyn Containers>,
    /// Each action holds a permit.
    pub(crate) actions: Arc<Semaphore>,
    /// Each tab holds a permit.
    pub(crate) tabs: Arc<Semaphore>,
    signals: Signals,
    /// Keeps the signals true.
    _watch: JoinSet<()>,
}

/// What is told of a virtual host. Clones are the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    pub(crate) happened: broadcast::Sender<Happened>,
    over: watch::Sender<Option<Over>>,
}

/// Why tabs leave a berth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// The host has ended by itself.
    Ended,
    /// Its learner gets another one.
    Reset,
    /// Its session is over.
    Left,
}

impl Signals {
    pub(crate) fn new() -> Self {
        Self { happened: broadcast::Sender::new(MAX_HAPPENED), over: watch::Sender::new(None) }
    }

    /// Sends the tabs away; what is said first counts.
    pub(crate) fn end(&self, why: Over) {
        self.over.send_if_modified(|over| {
            let first = over.is_none();
            over.get_or_insert(why);
            first
        });
    }
}

impl Berth {
    /// `watch` keeps `signals` true, and ends with the berth.
    pub(crate) fn new(
        terminals: Terminals,
        containers: Arc<dyn Containers>,
        signals: Signals,
        watch: JoinSet<()>,
    ) -> Self {
        let [actions, tabs] = [MAX_ACTIONS, MAX_TABS].map(|most| Arc::new(Semaphore::new(most)));
        Self { terminals, containers, actions, tabs, signals, _watch: watch }
    }

    /// What is there, and changes of it. Nobody looks without a tab that wants to see it.
    pub(crate) fn harbour(&self) -> BoxStream<'static, Harbour> {
        self.containers.clone().harbour()
    }

    /// What happens from now on.
    pub(crate) fn happened(&self) -> broadcast::Receiver<Happened> {
        self.signals.happened.subscribe()
    }

    /// Waits until tabs have to leave. May be dropped while it waits.
    pub(crate) async fn over(&self) -> Over {
        let mut over = self.signals.over.subscribe();
        // The sender is in `self`: this can't fail.
        over.wait_for(Option::is_some).await.ok().and_then(|over| *over).unwrap_or(Over::Ended)
    }

    pub(super) fn end(&self, why: Over) {
        self.signals.end(why);
    }
}

impl std::fmt::Debug for Berth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Berth").field("terminals", &self.terminals).finish_non_exhaustive()
    }
}
