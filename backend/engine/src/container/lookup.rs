//! Finding a container by what a user calls it.

use super::Container;
use super::entry::Entry;
use crate::host::VirtualHost;
use crate::id::ContainerId;
use crate::{Error, Result};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

impl VirtualHost {
    /// A container's record, by name, id, or an unambiguous beginning of an id.
    pub fn container(&self, name: &str) -> Result<Arc<Container>> {
        Ok(self.entry(name)?.record())
    }

    /// In Docker's order: the whole id, the name, the beginning of an id.
    pub(crate) fn entry(&self, name: &str) -> Result<Arc<Entry>> {
        let wanted = name.trim_start_matches('/');
        let containers = self.read_containers();
        if let Some(entry) = containers.get(wanted) {
            return Ok(entry.clone());
        }
        if let Some(entry) = containers.values().find(|entry| entry.record().name == wanted) {
            return Ok(entry.clone());
        }
        if wanted.is_empty() {
            return Err(no_such(name));
        }
        let mut beginning = containers
            .range::<str, _>((Bound::Included(wanted), Bound::Unbounded))
            .take_while(|(id, _)| id.starts_with(wanted));
        match (beginning.next(), beginning.next()) {
            (Some((_, entry)), None) => Ok(entry.clone()),
            (Some(_), Some(_)) => Err(Error::invalid(format!("multiple IDs found with provided prefix: {wanted}"))),
            (None, _) => Err(no_such(name)),
        }
    }

    pub(crate) fn container_event(&self, id: &ContainerId, action: &str) {
        self.container_event_with(id, action, BTreeMap::new());
    }

    /// Publishes an event of a container with its image, name and labels, as Docker does.
    pub(crate) fn container_event_with(
        &self,
        id: &ContainerId,
        action: &str,
        mut attributes: BTreeMap<String, String>,
    ) {
        let Some(entry) = self.read_containers().get(id).cloned() else { return };
        let record = entry.record();
        attributes.extend(record.spec.labels.clone());
        attributes.insert("image".to_owned(), record.spec.image.clone());
        attributes.insert("name".to_owned(), record.name.clone());
        self.events.publish("container", action, id, attributes);
    }
}

pub(crate) fn no_such(name: &str) -> Error {
    Error::not_found(format!("No such container: {name}"))
}
