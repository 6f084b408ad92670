//! The filters of `docker ps`, as clients write them; errors in Docker's words.

use crate::error::{Error, Reply};
use crate::query::unknown_filter;
use engine::Pattern;
use engine::container::{ContainerFilter, ContainerState, HealthStatus, PortRange};

const HEALTH: [(&str, Option<HealthStatus>); 4] = [
    ("none", None),
    ("starting", Some(HealthStatus::Starting)),
    ("healthy", Some(HealthStatus::Healthy)),
    ("unhealthy", Some(HealthStatus::Unhealthy)),
];

pub(super) fn parse(filters: Vec<(String, Vec<String>)>) -> Reply<ContainerFilter> {
    let mut filter = ContainerFilter::default();
    for (name, values) in filters {
        match name.as_str() {
            "ancestor" => filter.ancestors = values,
            "before" => filter.before = values,
            "since" => filter.since = values,
            "exited" => filter.exited = each(&values, exited)?,
            "expose" => filter.exposed = each(&values, |value| ports("expose", value))?,
            "publish" => filter.published = each(&values, |value| ports("publish", value))?,
            "health" => filter.health = each(&values, health)?,
            "id" => filter.ids = values.iter().map(|value| Pattern::new(value)).collect(),
            "name" => filter.names = values.iter().map(|value| Pattern::new(value)).collect(),
            "is-task" => filter.tasks = each(&values, is_task)?,
            // Only Windows has several.
            "isolation" => {}
            "label" => filter.labels = values,
            "network" => filter.networks = values,
            "status" => {
                each(&values, |value| one_of("status", "state", &ContainerState::WORDS, value))?;
                filter.states = values;
            }
            "volume" => filter.volumes = values,
            _ => return Err(unknown_filter(&name.chars().take(40).collect::<String>())),
        }
    }
    Ok(filter)
}

fn each<T>(values: &[String], read: impl Fn(&str) -> Reply<T>) -> Reply<Vec<T>> {
    values.iter().map(|value| read(value)).collect()
}

fn exited(value: &str) -> Reply<i32> {
    value.parse().map_err(|_| {
        let why = format!("strconv.Atoi: parsing {value:?}: invalid syntax");
        Error::bad(format!("invalid filter 'exited={value}': {why}"))
    })
}

fn health(value: &str) -> Reply<Option<HealthStatus>> {
    one_of("health", "health", &HEALTH.map(|(word, _)| word), value)?;
    Ok(HEALTH.iter().find(|(word, _)| *word == value).and_then(|(_, status)| *status))
}

fn is_task(value: &str) -> Reply<bool> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(Error::bad(format!("invalid filter 'is-task=[{value}]'"))),
    }
}

fn one_of(filter: &str, what: &str, words: &[&str], value: &str) -> Reply<()> {
    if words.contains(&value) {
        return Ok(());
    }
    let words = words.join(", ");
    Err(Error::bad(format!(
        "invalid filter '{filter}={value}': invalid value for {what} ({value}): must be one of {words}"
    )))
}

/// `80`, `80/udp`, `80-90/tcp`
fn ports(filter: &str, value: &str) -> Reply<PortRange> {
    let (numbers, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let number = |text: &str| {
        text.parse().map_err(|_| {
            let why = format!("strconv.ParseUint: parsing {text:?}: invalid syntax");
            Error::bad(format!("error while looking up for {filter} {value}: {why}"))
        })
    };
    Ok(PortRange { first: number(first)?, last: number(last)?, protocol: protocol.to_owned() })
}
