//! A container in memory: its record, what waits for it, and the order in which things happen to it.
//!
//! The record is changed here only, and in one of two ways: [`Entry::update`] for what somebody decides, [`Entry::note`] for what
//! has happened. Both write it down before anybody sees it, one change after the other, so that the database never has an older
//! record than the one that was read last.

use super::size::Measured;
use super::{Container, Status, record};
use crate::Result;
use crate::db::Database;
use crate::id::{ContainerId, HostId};
use parking_lot::Mutex;
use runtime::keeper::protocol::Attach;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};

/// A container of a running virtual host.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: ContainerId,
    host: HostId,
    db: Database,
    record: Mutex<Arc<Container>>,
    /// Held from the reading of a record until its change is written: readers don't wait for the database.
    changing: Mutex<()>,
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
    /// Of a container that is written down.
    pub(crate) fn new(db: Database, host: HostId, record: Container) -> Self {
        let lifecycle = Lifecycle {
            running: record.state.status == Status::Running,
            exit_code: record.state.exit_code,
            ..Lifecycle::default()
        };
        Self {
            id: record.id.clone(),
            host,
            db,
            record: Mutex::new(Arc::new(record)),
            changing: Mutex::default(),
            turn: Arc::default(),
            measured: tokio::sync::Mutex::default(),
            lifecycle: watch::Sender::new(lifecycle),
            attaching: Mutex::default(),
            backoff: Mutex::default(),
        }
    }

    /// The record as it is now; it doesn't change in the reader's hands.
    pub(crate) fn record(&self) -> Arc<Container> {
        self.record.lock().clone()
    }

    /// Changes the record because somebody wants it so: in the database and in memory, or in neither.
    ///
    /// # Errors
    /// Those of `change`; the database can't be written.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Container) -> Result<T>) -> Result<T> {
        let _changing = self.changing.lock();
        let mut changed = Container::clone(&self.record());
        let outcome = change(&mut changed)?;
        record::save(&self.db, &self.host, &changed)?;
        *self.record.lock() = Arc::new(changed);
        Ok(outcome)
    }

    /// Changes the record because it is so, whoever likes it: a process has ended even if that can't be written down. Then memory
    /// is right, an error is logged, and the next change writes this one down with its own.
    pub(crate) fn note<T>(&self, change: impl FnOnce(&mut Container) -> T) -> T {
        let _changing = self.changing.lock();
        let mut changed = Container::clone(&self.record());
        let outcome = change(&mut changed);
        if let Err(error) = record::save(&self.db, &self.host, &changed) {
            tracing::error!(container = self.id.as_str(), %error, "what has happened to a container isn't written down");
        }
        *self.record.lock() = Arc::new(changed);
        outcome
    }

    /// Deletes the record. In memory it says from then on that the container is being removed.
    ///
    /// # Errors
    /// The database can't be written: all is as before.
    pub(crate) fn delete(&self) -> Result<()> {
        let _changing = self.changing.lock();
        record::delete(&self.db, &self.host, &self.id)?;
        Arc::make_mut(&mut self.record.lock()).state.status = Status::Removing;
        Ok(())
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
        let mut backoff = self.backoff.lock();
        let wait = next(*backoff);
        *backoff.insert(wait)
    }

    pub(crate) fn forget_backoff(&self) {
        *self.backoff.lock() = None;
    }

    pub(crate) fn lifecycle(&self) -> watch::Receiver<Lifecycle> {
        self.lifecycle.subscribe()
    }

    pub(crate) fn change_lifecycle(&self, change: impl FnOnce(&mut Lifecycle)) {
        self.lifecycle.send_modify(change);
    }

    pub(crate) fn attach_at_start(&self, attaching: Attaching) {
        let mut waiting = self.attaching.lock();
        // Clients that hung up before the start must not pile up.
        waiting.retain(|other| !other.connected.is_closed());
        waiting.push(attaching);
    }

    pub(crate) fn take_attaching(&self) -> Vec<Attaching> {
        std::mem::take(&mut *self.attaching.lock())
    }
}

#[cfg(test)]
mod tests;
