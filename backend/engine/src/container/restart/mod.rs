//! Containers that start again by themselves: after they have ended, and when their host begins.

mod policy;

pub use policy::{RestartName, RestartPolicy, Restarts};

use super::Status;
use super::entry::Entry;
use crate::Result;
use crate::host::VirtualHost;
use std::sync::Arc;
use std::time::Duration;

impl VirtualHost {
    /// Waits as long as a container's back-off says, then starts it, unless somebody has stopped it meanwhile.
    pub(crate) fn restart_later(self: &Arc<Self>, entry: &Arc<Entry>, lasted: Duration) {
        let (host, entry) = (self.clone(), entry.clone());
        let wait = entry.next_backoff(|last| policy::backoff(last, lasted));
        let ends = entry.lifecycle().borrow().exits;
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let _turn = entry.turn.lock().await;
            // A keeper that has gone ended everything, and that is recorded.
            let meant = entry.is_restarting() && entry.lifecycle().borrow().exits == ends;
            if !meant || host.keeper.has_gone() {
                return;
            }
            entry.note(|container| container.restarts.count += 1);
            if let Err(failure) = host.run(&entry).await {
                tracing::warn!(
                    container = entry.id.as_str(),
                    error = failure.message,
                    "a container can't be restarted"
                );
                host.start_failed(&entry, &failure).await;
                entry.change_lifecycle(|life| life.exits += 1);
            }
        });
    }

    /// Starts what is to run whenever its host does, in the order in which it was created.
    pub(crate) fn start_by_policy(self: &Arc<Self>) {
        let mut entries: Vec<_> = self.read_containers().values().cloned().collect();
        entries.retain(|entry| {
            let record = entry.record();
            let policy = record.spec.restart_policy;
            record.state.status == Status::Exited && policy.at_begin(record.state.exit_code, record.restarts)
        });
        entries.sort_by_key(|entry| entry.record().created);
        let host = self.clone();
        tokio::spawn(async move {
            for entry in entries {
                if let Err(error) = host.start_container(&entry.id).await {
                    tracing::warn!(container = entry.id.as_str(), %error, "a container can't be started with its host");
                }
            }
        });
    }

    /// Ends the wait of a container that would be restarted. `false` if it doesn't wait.
    pub(crate) async fn cancel_restart(&self, entry: &Entry) -> Result<bool> {
        let _turn = entry.turn.lock().await;
        if !entry.is_restarting() {
            return Ok(false);
        }
        self.end_restarting(entry, true)?;
        Ok(true)
    }

    /// Records that a container which waits to be restarted won't be; its turn must be held.
    pub(super) fn end_restarting(&self, entry: &Entry, manually_stopped: bool) -> Result<()> {
        entry.update(|container| {
            container.state.status = Status::Exited;
            container.restarts.manually_stopped |= manually_stopped;
            Ok(())
        })?;
        // Who waits for the next end has it now.
        entry.change_lifecycle(|life| life.exits += 1);
        Ok(())
    }

    /// Takes note that somebody wants a container to end: its policy doesn't start it again then.
    pub(crate) fn stopped_by_hand(&self, entry: &Entry) -> Result<()> {
        entry.update(|container| {
            container.restarts.manually_stopped = true;
            Ok(())
        })
    }
}
