//! The filters of `docker ps`.

use super::{Container, ContainerState, Port, Status};
use crate::network::network_id;
use crate::{Error, Result};
use regex::RegexBuilder;

const KNOWN: [&str; 15] = [
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];
const STATES: [&str; 7] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
const HEALTH: [&str; 4] = ["none", "starting", "healthy", "unhealthy"];

/// Refuses, in Docker's words, what can't be filtered by: whatever there is to filter.
pub(crate) fn check(filters: &[(String, Vec<String>)]) -> Result<()> {
    if let Some((unknown, _)) = filters.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
        return Err(Error::invalid(format!("invalid filter '{}'", unknown.chars().take(40).collect::<String>())));
    }
    let values = |wanted: &'static str| {
        filters.iter().filter(move |(name, _)| name == wanted).flat_map(|(_, values)| values.iter())
    };
    for value in values("exited") {
        if value.parse::<i32>().is_err() {
            let why = format!("strconv.Atoi: parsing {value:?}: invalid syntax");
            return Err(Error::invalid(format!("invalid filter 'exited={value}': {why}")));
        }
    }
    for (filter, what, words) in [("status", "state", &STATES[..]), ("health", "health", &HEALTH)] {
        if let Some(value) = values(filter).find(|value| !words.contains(&value.as_str())) {
            let words = words.join(", ");
            return Err(Error::invalid(format!(
                "invalid filter '{filter}={value}': invalid value for {what} ({value}): must be one of {words}"
            )));
        }
    }
    if let Some(value) = values("is-task").find(|value| !matches!(value.as_str(), "1" | "true" | "0" | "false")) {
        return Err(Error::invalid(format!("invalid filter 'is-task=[{value}]'")));
    }
    for filter in ["expose", "publish"] {
        values(filter).try_for_each(|value| ports(filter, value).map(drop))?;
    }
    Ok(())
}

/// Whether a container passes one value of a filter; those that need to know of others or of images are not asked here.
pub(crate) fn matches(container: &Container, filter: &str, value: &str) -> bool {
    match filter {
        "id" => found(value, &container.id),
        "name" => found(value, &container.name) || found(value, &format!("/{}", container.name)),
        "label" => has_label(container, value),
        "status" => word(&container.state) == value,
        "health" => container.health.as_ref().map_or("none", |health| health.status.as_str()) == value,
        "exited" => {
            let has_ended = container.state.status != Status::Running && container.state.started_at != 0;
            has_ended && value.parse() == Ok(container.state.exit_code)
        }
        "expose" => ports(filter, value).is_ok_and(|wanted| {
            container.open_ports().iter().filter_map(|port| Port::parse(port).ok()).any(|port| wanted.contain(&port))
        }),
        "network" => {
            let network = container.spec.network_mode.network();
            // As in Docker, which notes the network's id when the container is started.
            let by_id = |name| container.state.started_at != 0 && network_id(name).starts_with(value);
            network.is_some_and(|(name, _)| name == value || by_id(name))
        }
        // There are no tasks of a swarm.
        "is-task" => matches!(value, "0" | "false"),
        // Only Windows has several.
        "isolation" => true,
        // Nothing is published, and nothing is a volume: neither is there yet.
        _ => false,
    }
}

pub(crate) fn has_label(container: &Container, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => container.spec.labels.get(key).is_some_and(|own| own == value),
        None => container.spec.labels.contains_key(wanted),
    }
}

/// Docker's word for a state.
fn word(state: &ContainerState) -> &'static str {
    match state.status {
        Status::Running if state.paused => "paused",
        Status::Created => "created",
        Status::Running => "running",
        Status::Restarting => "restarting",
        Status::Exited => "exited",
        Status::Removing => "removing",
    }
}

/// By a regular expression; what is none matches nothing.
fn found(pattern: &str, text: &str) -> bool {
    RegexBuilder::new(pattern).size_limit(1 << 20).build().is_ok_and(|pattern| pattern.is_match(text))
}

struct Ports<'a> {
    first: u16,
    last: u16,
    protocol: &'a str,
}

impl Ports<'_> {
    fn contain(&self, port: &Port) -> bool {
        (self.first..=self.last).contains(&port.number) && port.protocol == self.protocol
    }
}

/// `80`, `80/udp`, `80-90/tcp`
fn ports<'a>(filter: &str, value: &'a str) -> Result<Ports<'a>> {
    let (numbers, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let number = |text: &str| {
        text.parse().map_err(|_| {
            let why = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
            Error::invalid(format!("error while looking up for {filter} {value}: {why}"))
        })
    };
    Ok(Ports { first: number(first)?, last: number(last)?, protocol })
}
