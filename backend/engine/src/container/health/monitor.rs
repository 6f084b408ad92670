//! Probes a container as long as it runs.

use super::super::entry::Entry;
use super::super::{Container, Status};
use super::{HealthStatus, ProbeResult};
use crate::host::VirtualHost;
use crate::store::Healthcheck;
use crate::time::now;
use std::sync::Arc;
use std::time::Duration;

impl VirtualHost {
    /// Begins to probe a container that runs, if it has a health check. One that was probed by a server that is gone keeps
    /// what is known of it.
    pub(crate) fn watch_health(self: &Arc<Self>, entry: &Arc<Entry>) {
        let record = entry.record();
        let (check, run) = (record.spec.healthcheck.clone(), record.state.started_at);
        let Some(command) = check.command() else { return };
        let (host, entry) = (self.clone(), entry.clone());
        let mut lifecycle = entry.lifecycle();
        let exits = lifecycle.borrow().exits;
        entry.note(|container| {
            container.health.get_or_insert_default();
        });
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
                    let after = entry.note(|container| container.take_probe(run, result, &check, age));
                    if let Some(after) = after {
                        host.container_event(&entry.id, &format!("health_status: {}", after.as_str()));
                    }
                }
            };
            tokio::select! {
                () = probing => {}
                _ = lifecycle.wait_for(|life| !life.running || life.exits > exits || life.removed) => {}
            }
        });
    }
}

impl Container {
    /// Takes a probe's result into account, unless the run that was probed has ended, or is held; its health, if that is another now.
    fn take_probe(
        &mut self,
        run: i64,
        result: ProbeResult,
        check: &Healthcheck,
        age: Duration,
    ) -> Option<HealthStatus> {
        let state = &self.state;
        if state.status != Status::Running || state.started_at != run || state.paused {
            return None;
        }
        let health = self.health.get_or_insert_default();
        let before = health.status;
        health.take(result, check, age);
        Some(health.status).filter(|after| *after != before)
    }
}

/// How long a container has run.
fn age(entry: &Entry) -> Duration {
    let nanos = now().saturating_sub(entry.record().state.started_at);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::container;

    #[test]
    fn a_probe_counts_for_the_run_that_it_has_probed() {
        let check = Healthcheck { retries: 1, ..Healthcheck::default() };
        let sick = || ProbeResult { start: 0, end: 0, exit_code: 1, output: String::new() };
        let mut probed = container();
        probed.state.started_at = 5;
        probed.state.status = Status::Running;
        let running = probed.clone();
        for (run, status, paused) in
            [(4, Status::Running, false), (5, Status::Exited, false), (5, Status::Running, true)]
        {
            (probed.state.status, probed.state.paused) = (status, paused);
            assert_eq!(probed.take_probe(run, sick(), &check, Duration::ZERO), None);
            assert_eq!(probed.health, None);
        }
        probed = running;
        assert_eq!(probed.take_probe(5, sick(), &check, Duration::ZERO), Some(HealthStatus::Unhealthy));
        assert_eq!(probed.take_probe(5, sick(), &check, Duration::ZERO), None);
    }
}
