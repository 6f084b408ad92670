//! `docker container prune`

use super::{Container, Status};
use crate::host::VirtualHost;
use crate::id::ContainerId;
use crate::{Error, ErrorKind, Result, label};
use std::collections::BTreeMap;

/// Which containers are to go, of those that don't run.
#[derive(Debug, Clone, Default)]
pub struct PruneFilter {
    /// Created before this, in nanoseconds since the epoch.
    pub until: Option<i64>,
    /// `name` or `name=value`: all of these.
    pub labels: Vec<String>,
    /// None of these.
    pub not_labels: Vec<String>,
}

/// What has gone.
#[derive(Debug, Clone, Default)]
pub struct Pruned {
    pub containers: Vec<ContainerId>,
    /// Bytes that they had written.
    pub reclaimed: u64,
}

impl VirtualHost {
    /// Removes the containers that don't run.
    pub async fn prune_containers(&self, filter: &PruneFilter) -> Result<Pruned> {
        let all: Vec<_> = self.read_containers().values().map(|entry| entry.record()).collect();
        let mut pruned = Pruned::default();
        for container in all.iter().filter(|container| filter.matches(container)) {
            let size = self.container_size(container).await?;
            match self.remove_container(&container.id, false, false).await {
                Ok(()) => {
                    pruned.containers.push(container.id.clone());
                    pruned.reclaimed = pruned.reclaimed.saturating_add(size);
                }
                // Started, or removed by somebody else, meanwhile.
                Err(Error { kind: ErrorKind::Conflict | ErrorKind::NotFound, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let details = BTreeMap::from([("reclaimed".to_owned(), pruned.reclaimed.to_string())]);
        self.events.publish("container", "prune", "", details);
        Ok(pruned)
    }
}

impl PruneFilter {
    fn matches(&self, container: &Container) -> bool {
        matches!(container.state.status, Status::Created | Status::Exited)
            && self.until.is_none_or(|until| container.created < until)
            && self.labels.iter().all(|wanted| label::has(&container.spec.labels, wanted))
            && !self.not_labels.iter().any(|unwanted| label::has(&container.spec.labels, unwanted))
    }
}
