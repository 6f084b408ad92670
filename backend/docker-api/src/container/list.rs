//! `GET /containers/json`: `docker ps`

use super::filter;
use super::health::suffix;
use super::mounts::{self, MountResponse};
use super::networks::{EndpointSettings, networks};
use super::ports::{self, PortSummary};
use crate::error::{Error, Reply};
use crate::query::Params;
use crate::time::{human_duration, now};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::ContainerId;
use engine::ImageId;
use engine::VirtualHost;
use engine::container::ListOptions;
use engine::container::{Container, ContainerState, Status};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn list(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<Vec<Summary>>> {
    let limit = params.number::<i64>("limit").map_err(|_| {
        let text = params.text("limit").unwrap_or_default();
        // Docker's own status for it, and words.
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, format!("strconv.Atoi: parsing {text:?}: invalid syntax"))
    })?;
    let options = ListOptions {
        all: params.bool("all"),
        // The CLI sends -1 for all.
        limit: limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0),
        filter: filter::parse(params.filters()?)?,
    };
    let containers = host.containers(&options)?;
    if params.bool("size") {
        return Ok(Json(Summary::with_sizes(&host, &containers).await?));
    }
    let now = now();
    Ok(Json(containers.iter().map(|container| Summary::new(&host, container, now)).collect::<Reply<_>>()?))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    id: ContainerId,
    names: [String; 1],
    image: String,
    #[serde(rename = "ImageID")]
    image_id: ImageId,
    command: String,
    /// Seconds since the epoch.
    created: i64,
    ports: Vec<PortSummary>,
    /// Bytes that it has written; left out, as in Docker, if there are none.
    #[serde(skip_serializing_if = "is_zero")]
    size_rw: u64,
    /// With the image.
    #[serde(skip_serializing_if = "is_zero")]
    size_root_fs: u64,
    labels: BTreeMap<String, String>,
    state: &'static str,
    status: String,
    host_config: HostConfigSummary,
    network_settings: NetworkSummary,
    mounts: Vec<MountResponse>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct HostConfigSummary {
    network_mode: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSummary {
    networks: BTreeMap<String, EndpointSettings>,
}

impl Summary {
    /// With how much of the disk each takes.
    pub(crate) async fn with_sizes(host: &VirtualHost, containers: &[Arc<Container>]) -> Reply<Vec<Self>> {
        let now = now();
        let mut summaries = Vec::new();
        for container in containers {
            let mut summary = Self::new(host, container, now)?;
            (summary.size_rw, summary.size_root_fs) = sizes(host, container).await?;
            summaries.push(summary);
        }
        Ok(summaries)
    }

    fn new(host: &VirtualHost, container: &Container, now: i64) -> Reply<Self> {
        Ok(Self {
            id: container.id.clone(),
            names: [format!("/{}", container.name)],
            image: host.image_name_of(container)?,
            image_id: container.image_id.clone(),
            command: command(&container.argv),
            created: container.created / 1_000_000_000,
            ports: ports::summary(container),
            size_rw: 0,
            size_root_fs: 0,
            labels: container.spec.labels.clone(),
            state: container.state.word(),
            status: status_text(&container.state, now) + &health(container),
            host_config: HostConfigSummary { network_mode: container.spec.network_mode.to_string() },
            network_settings: NetworkSummary { networks: networks(container) },
            mounts: mounts::all(container),
        })
    }
}

/// Bytes that a container has written, and these with its image's.
pub(super) async fn sizes(host: &VirtualHost, container: &Container) -> Reply<(u64, u64)> {
    let own = host.container_size(container).await?;
    let image = host.image_of(container).map_or(0, |image| image.size);
    Ok((own, own.saturating_add(image)))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde asks")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The command in one line, words with spaces in quotes.
fn command(argv: &[String]) -> String {
    let quoted = argv
        .iter()
        .enumerate()
        .map(|(index, word)| if index > 0 && word.contains(' ') { format!("'{word}'") } else { word.clone() });
    quoted.collect::<Vec<_>>().join(" ")
}

/// ` (healthy)`, for a container that runs and is probed.
fn health(container: &Container) -> String {
    if container.state.paused {
        return String::new();
    }
    let running = container.state.status == Status::Running;
    suffix(container.health.as_ref().filter(|_| running))
}

/// `Up 5 seconds`, `Exited (0) 3 minutes ago`, `Created`.
fn status_text(state: &ContainerState, now: i64) -> String {
    match state.status {
        Status::Running => {
            let paused = if state.paused { " (Paused)" } else { "" };
            format!("Up {}{paused}", human_duration(now - state.started_at))
        }
        Status::Removing => "Removal In Progress".into(),
        Status::Created => "Created".into(),
        Status::Restarting => {
            format!("Restarting ({}) {} ago", state.exit_code, human_duration(now - state.finished_at))
        }
        Status::Exited => {
            format!("Exited ({}) {} ago", state.exit_code, human_duration(now - state.finished_at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn state(status: Status) -> ContainerState {
        ContainerState {
            status,
            pid: 0,
            visible_pid: 0,
            paused: false,
            committing: false,
            exit_code: 3,
            oom_killed: false,
            error: String::new(),
            started_at: 10 * SECOND,
            finished_at: 20 * SECOND,
        }
    }

    #[test]
    fn states_read_as_in_docker() {
        assert_eq!(status_text(&state(Status::Running), 15 * SECOND), "Up 5 seconds");
        assert_eq!(status_text(&state(Status::Exited), 200 * SECOND), "Exited (3) 3 minutes ago");
        assert_eq!(status_text(&state(Status::Created), 15 * SECOND), "Created");
        assert_eq!(status_text(&state(Status::Removing), 15 * SECOND), "Removal In Progress");
    }

    #[test]
    fn words_with_spaces_are_quoted() {
        assert_eq!(command(&["sh".into(), "-c".into(), "echo hi".into()]), "sh -c 'echo hi'");
        assert_eq!(command(&[]), "");
    }
}
