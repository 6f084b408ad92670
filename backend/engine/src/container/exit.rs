//! What happens when a container's process has ended.

use super::entry::Entry;
use super::{HealthStatus, Status, oci};
use crate::host::VirtualHost;
use runtime::keeper::protocol::{self, ProcessState, Request};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What an end without a witness counts as: killed (128 + 9).
const KILLED: i32 = 137;

impl VirtualHost {
    /// Records the end of a container that the keeper tells of, and removes it if it was to be removed (`--rm`).
    pub(crate) async fn container_exited(self: &Arc<Self>, entry: &Arc<Entry>, process: &ProcessState) {
        let protocol::Status::Exited { finished_at, code, oom_killed, .. } = process.status else { return };
        let turn = entry.turn.lock().await;
        let record = entry.record();
        if record.state.status != Status::Running || record.state.pid != process.pid {
            return;
        }
        if oom_killed {
            self.note_oom(entry);
        }
        let restarts = record.spec.restart_policy.after_exit(code, record.restarts);
        let next = if restarts { Status::Restarting } else { Status::Exited };
        let lasted = self.record_exit(entry, next, finished_at, code, oom_killed);
        // Not before its end is written down: a server that is killed between the two finds it in one place or the other.
        match self.keeper.request(Request::Forget { id: entry.id.to_string() }).await {
            // Its host may end at the same time.
            Err(error) if !self.keeper.has_gone() => {
                tracing::warn!(
                    container = entry.id.as_str(),
                    error = error.message,
                    "the keeper doesn't forget a container"
                );
            }
            _ => {}
        }
        if restarts {
            self.restart_later(entry, lasted);
        }
        drop(turn);
        self.after_exit(entry).await;
    }

    /// Records containers as killed whose keeper has gone, and their processes with it.
    pub(crate) async fn container_lost(&self, entry: &Arc<Entry>) {
        let turn = entry.turn.lock().await;
        if entry.is_restarting()
            && let Err(error) = self.end_restarting(entry, false)
        {
            tracing::error!(container = entry.id.as_str(), %error, "a container that was to be restarted isn't recorded as ended");
        }
        if !entry.is_running() {
            return;
        }
        self.record_exit(entry, Status::Exited, crate::time::now(), KILLED, false);
        drop(turn);
        self.after_exit(entry).await;
    }

    /// Writes an end down; how long the run has lasted.
    fn record_exit(&self, entry: &Entry, next: Status, finished_at: i64, code: i32, oom_killed: bool) -> Duration {
        entry.note(|container| {
            let state = &mut container.state;
            state.status = next;
            state.pid = 0;
            state.visible_pid = 0;
            state.paused = false;
            state.committing = false;
            state.exit_code = code;
            state.oom_killed |= oom_killed;
            state.finished_at = finished_at;
            container.network = None;
            // As in Docker: nobody vouches for it any more.
            if let Some(health) = &mut container.health {
                health.status = HealthStatus::Unhealthy;
            }
        });
        self.kinds.networks.release(&entry.id);
        oci::remove_bundle(&self.bundle_dir(&entry.id));
        let record = entry.record();
        let lasted = Duration::from_nanos(u64::try_from(finished_at - record.state.started_at).unwrap_or(0));
        self.network_event("disconnect", &record.id, &record.spec.network_mode);
        self.volumes_unmounted(&record);
        let details = BTreeMap::from([
            ("exitCode".to_owned(), code.to_string()),
            ("execDuration".to_owned(), lasted.as_secs().to_string()),
        ]);
        self.container_event_with(&entry.id, "die", details);
        entry.change_lifecycle(|life| {
            life.running = false;
            life.exits += 1;
            life.exit_code = code;
        });
        lasted
    }

    async fn after_exit(&self, entry: &Arc<Entry>) {
        if entry.record().spec.auto_remove {
            self.remove_unwanted(entry).await;
        }
    }

    /// Removes a container that ran with `--rm`.
    pub(crate) async fn remove_unwanted(&self, entry: &Arc<Entry>) {
        if let Err(error) = self.remove_entry(entry, true).await {
            tracing::error!(container = entry.id.as_str(), %error, "cannot remove a container that ran with --rm");
        }
    }
}
