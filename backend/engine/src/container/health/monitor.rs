//! Probes a container as long as it runs.

use super::super::entry::Entry;
use super::super::record;
use super::{Health, HealthStatus};
use crate::host::VirtualHost;
use crate::time::now;
use std::sync::Arc;
use std::time::Duration;

impl VirtualHost {
    /// Begins to probe a container that runs, if it has a health check. One that was probed by a server that is gone keeps
    /// what is known of it.
    pub(crate) fn watch_health(self: &Arc<Self>, entry: &Arc<Entry>) {
        let check = entry.record().spec.healthcheck.clone();
        let Some(command) = check.command() else { return };
        let (host, entry) = (self.clone(), entry.clone());
        let mut lifecycle = entry.lifecycle();
        let exits = lifecycle.borrow().exits;
        entry.record().health.get_or_insert_default();
        tokio::spawn(async move {
            let probing = async {
                loop {
                    let starting = entry.record().health.as_ref().is_some_and(|it| it.status == HealthStatus::Starting);
                    tokio::time::sleep(check.interval(starting, age(&entry))).await;
                    // As in Docker: what stands still is not asked how it is.
                    if entry.record().state.paused {
                        continue;
                    }
                    let age = age(&entry);
                    let result = host.probe(&entry, command.clone(), check.timeout()).await;
                    if entry.lifecycle().borrow().exits == exits && !entry.record().state.paused {
                        host.change_health(&entry, |health| health.take(result, &check, age));
                    }
                }
            };
            tokio::select! {
                () = probing => {}
                _ = lifecycle.wait_for(|life| !life.running || life.exits > exits || life.removed) => {}
            }
        });
    }

    fn change_health(&self, entry: &Entry, change: impl FnOnce(&mut Health)) {
        let (before, record) = {
            let mut record = entry.record();
            let health = record.health.get_or_insert_default();
            let before = health.status;
            change(health);
            (before, record.clone())
        };
        let Some(after) = record.health.as_ref().map(|health| health.status).filter(|after| *after != before) else {
            return;
        };
        self.container_event(&entry.id, &format!("health_status: {}", after.as_str()));
        if let Err(error) = record::save(&self.parts.db, self.id(), &record) {
            tracing::error!(container = entry.id, %error, "a container's health isn't written down");
        }
    }
}

/// How long a container has run.
fn age(entry: &Entry) -> Duration {
    let nanos = now().saturating_sub(entry.record().state.started_at);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}
