//! `docker ps`: which containers there are, and its filters.

use super::{Container, Status};
use crate::host::{ListOptions, VirtualHost};
use crate::{Error, ErrorKind, Result};
use regex::RegexBuilder;

/// Filters that Docker has and this engine has nothing to apply to yet.
const NOT_YET: [&str; 7] = ["expose", "health", "isolation", "is-task", "network", "publish", "volume"];

impl VirtualHost {
    /// The containers that match, newest first.
    pub fn containers(&self, options: &ListOptions) -> Result<Vec<Container>> {
        let mut all: Vec<Container> = self.read_containers().values().map(|entry| entry.record().clone()).collect();
        all.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        let mut matching = Vec::new();
        for container in &all {
            let by_status = options.filters.iter().any(|(name, _)| name == "status" || name == "exited");
            let shown = options.all || options.limit.is_some() || by_status;
            if (shown || container.state.status == Status::Running) && self.matches(container, options, &all)? {
                matching.push(container.clone());
            }
        }
        // An unknown filter is an error even where there is nothing to filter.
        for (name, _) in &options.filters {
            check_filter(name)?;
        }
        matching.truncate(options.limit.unwrap_or(usize::MAX));
        Ok(matching)
    }

    fn matches(&self, container: &Container, options: &ListOptions, all: &[Container]) -> Result<bool> {
        for (name, values) in &options.filters {
            check_filter(name)?;
            let mut any = false;
            for value in values {
                any |= self.matches_one(container, name, value, all)?;
            }
            // Docker wants every label filter to hold, and any value of the others.
            let every = values.iter().all(|value| has_label(container, value));
            if !(if name == "label" { every } else { any }) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn matches_one(&self, container: &Container, filter: &str, value: &str, all: &[Container]) -> Result<bool> {
        let invalid = || Error::invalid(format!("invalid filter '{filter}={value}'"));
        Ok(match filter {
            "id" => container.id.starts_with(value),
            "name" => {
                let pattern = RegexBuilder::new(value.trim_start_matches('/')).size_limit(1 << 20).build();
                pattern.map_err(|_| invalid())?.is_match(&container.name)
            }
            "label" => has_label(container, value),
            "status" => match value {
                "created" => container.state.status == Status::Created,
                "running" => container.state.status == Status::Running,
                "exited" => container.state.status == Status::Exited,
                "removing" => container.state.status == Status::Removing,
                "paused" | "restarting" | "dead" => false,
                _ => return Err(invalid()),
            },
            "exited" => {
                let code: i32 = value.parse().map_err(|_| invalid())?;
                container.state.status == Status::Exited && container.state.exit_code == code
            }
            "ancestor" => {
                let image = self.store.image(&self.id, value);
                container.spec.image == value || image.is_ok_and(|image| image.id == container.image_id)
            }
            "before" => container.created < self.other(value, all)?.created,
            "since" => container.created > self.other(value, all)?.created,
            _ => return Err(invalid()),
        })
    }

    fn other<'a>(&self, name: &str, all: &'a [Container]) -> Result<&'a Container> {
        let id = &self.entry(name)?.id;
        all.iter().find(|container| container.id == *id).ok_or_else(|| super::lookup::no_such(name))
    }
}

fn check_filter(name: &str) -> Result<()> {
    match name {
        "id" | "name" | "label" | "status" | "exited" | "ancestor" | "before" | "since" => Ok(()),
        later if NOT_YET.contains(&later) => {
            Err(Error::new(ErrorKind::NotImplemented, format!("the filter '{later}' is not there yet in Lernhafen")))
        }
        unknown => Err(Error::invalid(format!("invalid filter '{}'", unknown.chars().take(40).collect::<String>()))),
    }
}

fn has_label(container: &Container, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => container.spec.labels.get(key).is_some_and(|own| own == value),
        None => container.spec.labels.contains_key(wanted),
    }
}
