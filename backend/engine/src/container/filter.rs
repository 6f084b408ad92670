//! The filters of `docker ps`.

use super::{Container, HealthStatus, Port, PortRange, Status};
use crate::network::network_id;
use crate::{Pattern, label};

/// Which containers. Of each list one must be true of a container, of labels every one; an empty list is true of all.
#[derive(Debug, Clone, Default)]
pub struct ContainerFilter {
    /// Images that it is, or descends from.
    pub ancestors: Vec<String>,
    /// Names of containers that were made later, or earlier.
    pub before: Vec<String>,
    pub since: Vec<String>,
    /// Codes that it ended with.
    pub exited: Vec<i32>,
    pub exposed: Vec<PortRange>,
    /// `None`: it has no health check.
    pub health: Vec<Option<HealthStatus>>,
    pub ids: Vec<Pattern>,
    /// `name` or `name=value`
    pub labels: Vec<String>,
    pub names: Vec<Pattern>,
    /// By name, or the beginning of an id.
    pub networks: Vec<String>,
    pub published: Vec<PortRange>,
    /// See [`super::ContainerState::word`].
    pub states: Vec<String>,
    /// Whether it is a task of a swarm's.
    pub tasks: Vec<bool>,
    pub volumes: Vec<String>,
}

impl ContainerFilter {
    /// Whether a container passes, as far as that needs to know of no other, and of no image.
    pub(super) fn matches(&self, container: &Container) -> bool {
        let state = &container.state;
        let health = container.health.as_ref().map(|health| health.status);
        let has_ended = state.status != Status::Running && state.started_at != 0;
        let opens = |range: &PortRange| {
            container.open_ports().iter().filter_map(|port| Port::parse(port).ok()).any(|port| range.contains(&port))
        };
        any(&self.ids, |id| id.is_in(&container.id))
            && any(&self.names, |name| name.is_in(&container.name) || name.is_in(&format!("/{}", container.name)))
            && self.labels.iter().all(|wanted| label::has(&container.spec.labels, wanted))
            && any(&self.states, |word| state.word() == word)
            && any(&self.health, |wanted| *wanted == health)
            && any(&self.exited, |code| has_ended && *code == state.exit_code)
            && any(&self.exposed, opens)
            && any(&self.networks, |network| is_in(container, network))
            && any(&self.volumes, |volume| container.mounts.iter().any(|point| point.is_called(volume)))
            // There are no tasks of a swarm, and nothing is published: neither is there yet.
            && any(&self.tasks, |is_task| !is_task)
            && self.published.is_empty()
    }
}

fn any<T>(wanted: &[T], is_true: impl Fn(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(is_true)
}

fn is_in(container: &Container, network: &str) -> bool {
    // As in Docker, which notes the network's id when the container is started.
    let by_id = |name| container.state.started_at != 0 && network_id(name).starts_with(network);
    container.spec.network_mode.network().is_some_and(|(name, _)| name == network || by_id(name))
}
