//! The filters of `docker events`.

use super::Event;
use crate::label;

/// Which events. Of each list one must be true of an event, of labels every one; an empty list is true of all.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// `container`, `image`, `network`, `volume`.
    pub kinds: Vec<String>,
    /// `start`, `die`; `exec_create` is also `exec_create: ls`.
    pub actions: Vec<String>,
    /// With or without a tag.
    pub images: Vec<String>,
    /// `name` or `name=value`
    pub labels: Vec<String>,
    pub scopes: Vec<String>,
    /// For each kind that was named, beginnings of ids or names. As in Docker, of things of whatever kind.
    pub objects: Vec<Vec<String>>,
}

impl EventFilter {
    pub fn matches(&self, event: &Event) -> bool {
        let any = |wanted: &[String], is_true: &dyn Fn(&str) -> bool| {
            wanted.is_empty() || wanted.iter().any(|wanted| is_true(wanted))
        };
        any(&self.kinds, &|kind| event.kind == kind)
            && any(&self.scopes, &|scope| scope == "local")
            && any(&self.actions, &|action| event.action == action || event.action.split(':').next() == Some(action))
            && any(&self.images, &|image| is_of(event, image))
            && self.objects.iter().all(|wanted| any(wanted, &|beginning| is_about(event, beginning)))
            && self.labels.iter().all(|wanted| label::has(&event.attributes, wanted))
    }
}

fn is_of(event: &Event, image: &str) -> bool {
    let name = event.attributes.get(if event.kind == "image" { "name" } else { "image" });
    event.id == image || name.is_some_and(|name| name == image || name.split(':').next() == Some(image))
}

fn is_about(event: &Event, beginning: &str) -> bool {
    event.id.starts_with(beginning) || event.attributes.get("name").is_some_and(|name| name.starts_with(beginning))
}
