//! What happens when a container's process has ended.

use super::entry::Entry;
use super::{Status, oci, record};
use crate::host::VirtualHost;
use runtime::keeper::protocol::{self, ProcessState, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an end without a witness counts as: killed (128 + 9).
const KILLED: i32 = 137;

impl VirtualHost {
    /// Records the end of a container that the keeper tells of, and removes it if it was to be removed (`--rm`).
    pub(crate) async fn container_exited(&self, entry: &Arc<Entry>, process: &ProcessState) {
        let protocol::Status::Exited { finished_at, code, oom_killed, .. } = process.status else { return };
        let turn = entry.turn.lock().await;
        let runs_this = {
            let record = entry.record();
            record.state.status == Status::Running && record.state.pid == process.pid
        };
        if !runs_this {
            return;
        }
        if let Err(error) = self.keeper.request(Request::Forget { id: entry.id.clone() }).await {
            tracing::warn!(container = entry.id, error = error.message, "the keeper doesn't forget a container");
        }
        self.record_exit(entry, finished_at, code, oom_killed);
        drop(turn);
        self.after_exit(entry).await;
    }

    /// Records containers as killed whose keeper has gone, and their processes with it.
    pub(crate) async fn container_lost(&self, entry: &Arc<Entry>) {
        let turn = entry.turn.lock().await;
        if !entry.is_running() {
            return;
        }
        self.record_exit(entry, crate::time::now(), KILLED, false);
        drop(turn);
        self.after_exit(entry).await;
    }

    fn record_exit(&self, entry: &Entry, finished_at: i64, code: i32, oom_killed: bool) {
        let record = {
            let mut record = entry.record();
            record.state.status = Status::Exited;
            record.state.pid = 0;
            record.state.exit_code = code;
            record.state.oom_killed = oom_killed;
            record.state.finished_at = finished_at;
            record.network = None;
            record.clone()
        };
        self.network.release(&entry.id);
        oci::remove_bundle(&self.bundle_dir(&entry.id));
        if let Err(error) = record::save(&self.db, &self.id, &record) {
            tracing::error!(container = entry.id, %error, "an exit isn't written down");
        }
        let seconds = (finished_at - record.state.started_at).max(0) / 1_000_000_000;
        let details = BTreeMap::from([
            ("exitCode".to_owned(), code.to_string()),
            ("execDuration".to_owned(), seconds.to_string()),
        ]);
        self.container_event_with(&entry.id, "die", details);
        entry.change_lifecycle(|life| {
            life.running = false;
            life.exits += 1;
            life.exit_code = code;
        });
    }

    async fn after_exit(&self, entry: &Arc<Entry>) {
        if entry.record().spec.auto_remove
            && let Err(error) = self.remove_entry(entry).await
        {
            tracing::error!(container = entry.id, %error, "cannot remove a container that ran with --rm");
        }
    }
}
