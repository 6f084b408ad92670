//! A container in memory: its record, what waits for it, and the order in which things happen to it.

use super::size::Measured;
use super::{Container, Status};
use runtime::keeper::protocol::Attach;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};

/// A container of a running virtual host.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    record: Mutex<Container>,
    /// Held during a start, a removal, and while an exit is recorded: an exit that comes before the start has been
    /// recorded waits here for its turn.
    pub(crate) turn: Arc<tokio::sync::Mutex<()>>,
    /// How much it has written, as it was last asked for.
    pub(crate) measured: tokio::sync::Mutex<Option<Measured>>,
    lifecycle: watch::Sender<Lifecycle>,
    /// Clients that attached before the start.
    attaching: Mutex<Vec<Attaching>>,
    /// How long the last restart was waited for, since somebody started it.
    backoff: Mutex<Option<Duration>>,
}

/// What waiters wait for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifecycle {
    pub(crate) running: bool,
    /// How often it has ended since the engine knows it.
    pub(crate) exits: u64,
    pub(crate) exit_code: i32,
    pub(crate) removed: bool,
}

/// A client that waits for the start with its streams.
#[derive(Debug)]
pub(crate) struct Attaching {
    pub(crate) wanted: Attach,
    pub(crate) connected: oneshot::Sender<UnixStream>,
}

impl Entry {
    pub(crate) fn new(record: Container) -> Self {
        let lifecycle = Lifecycle {
            running: record.state.status == Status::Running,
            exit_code: record.state.exit_code,
            ..Lifecycle::default()
        };
        Self {
            id: record.id.clone(),
            record: Mutex::new(record),
            turn: Arc::default(),
            measured: tokio::sync::Mutex::default(),
            lifecycle: watch::Sender::new(lifecycle),
            attaching: Mutex::default(),
            backoff: Mutex::default(),
        }
    }

    /// The record, locked: keep it for a moment only.
    pub(crate) fn record(&self) -> MutexGuard<'_, Container> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_running(&self) -> bool {
        self.record().state.status == Status::Running
    }

    pub(crate) fn is_restarting(&self) -> bool {
        self.record().state.status == Status::Restarting
    }

    /// Whether it ran with `--rm`, and has ended.
    pub(crate) fn is_over_and_unwanted(&self) -> bool {
        let record = self.record();
        record.spec.auto_remove && record.state.status == Status::Exited
    }

    pub(crate) fn next_backoff(&self, next: impl FnOnce(Option<Duration>) -> Duration) -> Duration {
        let mut backoff = self.backoff.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = next(*backoff);
        *backoff.insert(wait)
    }

    pub(crate) fn forget_backoff(&self) {
        *self.backoff.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(crate) fn lifecycle(&self) -> watch::Receiver<Lifecycle> {
        self.lifecycle.subscribe()
    }

    pub(crate) fn change_lifecycle(&self, change: impl FnOnce(&mut Lifecycle)) {
        self.lifecycle.send_modify(change);
    }

    pub(crate) fn attach_at_start(&self, attaching: Attaching) {
        let mut waiting = self.attaching.lock().unwrap_or_else(PoisonError::into_inner);
        // Clients that hung up before the start must not pile up.
        waiting.retain(|other| !other.connected.is_closed());
        waiting.push(attaching);
    }

    pub(crate) fn take_attaching(&self) -> Vec<Attaching> {
        std::mem::take(&mut *self.attaching.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
