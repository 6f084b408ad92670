//! `docker ps`: which containers there are.

use super::{Container, Status, filter};
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
    /// `filters`, name to values: `status`, `name`, `id`, `label`, `ancestor`, `exited`, `before`, `since`, … An unknown one is refused.
    pub filters: Vec<(String, Vec<String>)>,
}

impl VirtualHost {
    /// The containers that match, newest first.
    pub fn containers(&self, options: &ListOptions) -> Result<Vec<Arc<Container>>> {
        filter::check(&options.filters)?;
        let mut all: Vec<_> = self.read_containers().values().map(|entry| entry.record()).collect();
        all.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        let by_status = options.filters.iter().any(|(name, _)| name == "status");
        let shown = options.all || options.limit.is_some() || by_status;
        let mut matching = Vec::new();
        for container in &all {
            let is_running = !matches!(container.state.status, Status::Created | Status::Exited | Status::Removing);
            if (shown || is_running) && self.matches(container, options, &all)? {
                matching.push(container.clone());
            }
        }
        // Names that nothing has are an error even where there is nothing to compare.
        for (name, values) in &options.filters {
            if name == "before" || name == "since" {
                values.iter().try_for_each(|value| self.entry(value).map(drop))?;
            }
        }
        matching.truncate(options.limit.unwrap_or(usize::MAX));
        Ok(matching)
    }

    /// Docker wants every label filter to hold, and any value of the others.
    fn matches(&self, container: &Container, options: &ListOptions, all: &[Arc<Container>]) -> Result<bool> {
        for (name, values) in &options.filters {
            let mut passed = values.iter().map(|value| self.matches_one(container, name, value, all));
            let passes: Result<bool> = match name.as_str() {
                "label" => passed.try_fold(true, |every, one| Ok(every & one?)),
                _ => passed.try_fold(values.is_empty(), |any, one| Ok(any | one?)),
            };
            if !passes? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn matches_one(&self, container: &Container, filter: &str, value: &str, all: &[Arc<Container>]) -> Result<bool> {
        Ok(match filter {
            "ancestor" => self.parts.store.descends(self.id(), &container.image_id, value)?,
            "before" => container.created < self.other(value, all)?.created,
            "since" => container.created > self.other(value, all)?.created,
            filter => filter::matches(container, filter, value),
        })
    }

    fn other<'a>(&self, name: &str, all: &'a [Arc<Container>]) -> Result<&'a Container> {
        let id = &self.entry(name)?.id;
        let other = all.iter().find(|container| container.id == *id);
        other.map(Arc::as_ref).ok_or_else(|| super::lookup::no_such(name))
    }
}
