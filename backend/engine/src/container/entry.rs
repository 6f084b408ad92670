//! A container in memory: its record, what waits for it, and the order in which things happen to it.

use super::{Container, Status};
use runtime::keeper::protocol::Attach;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};

/// A container of a running virtual host.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    record: Mutex<Container>,
    /// Held during a start, a removal, and while an exit is recorded: an exit that comes before the start has been
    /// recorded waits here for its turn.
    pub(crate) turn: tokio::sync::Mutex<()>,
    lifecycle: watch::Sender<Lifecycle>,
    /// Clients that attached before the start.
    attaching: Mutex<Vec<Attaching>>,
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
            turn: tokio::sync::Mutex::default(),
            lifecycle: watch::Sender::new(lifecycle),
            attaching: Mutex::default(),
        }
    }

    /// The record, locked: keep it for a moment only.
    pub(crate) fn record(&self) -> MutexGuard<'_, Container> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_running(&self) -> bool {
        self.record().state.status == Status::Running
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
