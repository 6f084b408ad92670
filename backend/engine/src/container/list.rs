//! `docker ps`: which containers there are.

use super::{Container, ContainerFilter, Status};
use crate::Result;
use crate::host::VirtualHost;
use std::sync::Arc;

/// Which containers to list.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// Also those that don't run.
    pub all: bool,
    /// The newest so many, running or not.
    pub limit: Option<usize>,
    /// One that names states doesn't want only those that run, either.
    pub filter: ContainerFilter,
}

impl VirtualHost {
    /// The containers that match, newest first.
    ///
    /// # Errors
    /// The filter names a container that isn't there, whatever there is to compare it with.
    pub fn containers(&self, options: &ListOptions) -> Result<Vec<Arc<Container>>> {
        let filter = &options.filter;
        let made = |name: &String| Ok(self.entry(name)?.record().created);
        let before = filter.before.iter().map(made).collect::<Result<Vec<_>>>()?.into_iter().max();
        let since = filter.since.iter().map(made).collect::<Result<Vec<_>>>()?.into_iter().min();
        let shown = options.all || options.limit.is_some() || !filter.states.is_empty();
        let mut all: Vec<_> = self.read_containers().values().map(|entry| entry.record()).collect();
        all.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        let mut matching = Vec::new();
        for container in all {
            let is_running = !matches!(container.state.status, Status::Created | Status::Exited | Status::Removing);
            if (shown || is_running)
                && before.is_none_or(|time| container.created < time)
                && since.is_none_or(|time| container.created > time)
                && filter.matches(&container)
                && self.descends(&container, &filter.ancestors)?
            {
                matching.push(container);
            }
        }
        matching.truncate(options.limit.unwrap_or(usize::MAX));
        Ok(matching)
    }

    fn descends(&self, container: &Container, ancestors: &[String]) -> Result<bool> {
        let mut found =
            ancestors.iter().map(|name| self.parts.store.descends(&self.owner(), &container.image_id, name));
        found.try_fold(ancestors.is_empty(), |any, one| Ok(any | one?))
    }
}
