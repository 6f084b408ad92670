//! `GET /containers/{id}/json`

use super::config::Config;
use super::health::HealthResponse;
use super::host_config::HostConfig;
use super::list::sizes;
use super::mounts::{self, MountResponse};
use super::networks::NetworkSettings;
use crate::error::Reply;
use crate::json::Null;
use crate::query::{Name, Params};
use crate::time::rfc3339;
use axum::Json;
use axum::extract::State;
use engine::ContainerId;
use engine::ImageId;
use engine::VirtualHost;
use engine::container::{Container, Status};
use engine::image::Image;
use serde::Serialize;
use std::sync::Arc;

pub(crate) async fn inspect(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<Json<InspectResponse>> {
    let container = host.container(&name)?;
    let image = host.image_of(&container).ok();
    let mut response = InspectResponse::new(&container, image.as_ref());
    response.exec_ids = Some(host.running_execs(&container.id)).filter(|ids| !ids.is_empty());
    if params.bool("size") {
        let (own, all) = sizes(&host, &container).await?;
        (response.size_rw, response.size_root_fs) = (Some(own), Some(all));
    }
    Ok(Json(response))
}

/// Where Docker has paths of its own machine, this has none: they would be paths of the machine outside the virtual host.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InspectResponse {
    id: ContainerId,
    created: String,
    path: String,
    args: Vec<String>,
    state: StateResponse,
    image: ImageId,
    resolv_conf_path: &'static str,
    hostname_path: &'static str,
    hosts_path: &'static str,
    log_path: &'static str,
    name: String,
    restart_count: u32,
    driver: &'static str,
    platform: &'static str,
    mount_label: &'static str,
    process_label: &'static str,
    app_armor_profile: String,
    #[serde(rename = "ExecIDs")]
    exec_ids: Option<Vec<String>>,
    host_config: HostConfig,
    graph_driver: GraphDriver,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_rw: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_root_fs: Option<u64>,
    mounts: Vec<MountResponse>,
    config: Config,
    network_settings: NetworkSettings,
}

/// Where a container's files come from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GraphDriver {
    data: Null,
    name: &'static str,
}

impl GraphDriver {
    pub(crate) const OVERLAY: Self = Self { data: (), name: "overlayfs" };

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StateResponse {
    status: &'static str,
    running: bool,
    paused: bool,
    restarting: bool,
    #[serde(rename = "OOMKilled")]
    oom_killed: bool,
    dead: bool,
    pid: i32,
    exit_code: i32,
    error: String,
    started_at: String,
    finished_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<HealthResponse>,
}

impl InspectResponse {
    fn new(container: &Container, image: Option<&Image>) -> Self {
        let state = &container.state;
        let (path, args) =
            container.argv.split_first().map_or((String::new(), &[][..]), |(path, args)| (path.clone(), args));
        Self {
            id: container.id.clone(),
            created: rfc3339(container.created),
            path,
            args: args.to_vec(),
            state: StateResponse {
                status: state.word(),
                running: matches!(state.status, Status::Running | Status::Restarting),
                paused: state.paused,
                restarting: state.status == Status::Restarting,
                oom_killed: state.oom_killed,
                dead: false,
                pid: state.visible_pid,
                exit_code: state.exit_code,
                error: state.error.clone(),
                started_at: rfc3339(state.started_at),
                finished_at: rfc3339(state.finished_at),
                health: container.health.as_ref().map(HealthResponse::from),
            },
            image: container.image_id.clone(),
            resolv_conf_path: "",
            hostname_path: "",
            hosts_path: "",
            log_path: "",
            name: format!("/{}", container.name),
            restart_count: container.restarts.count,
            driver: GraphDriver::OVERLAY.name(),
            platform: "linux",
            mount_label: "",
            process_label: "",
            app_armor_profile: container.spec.privileges.apparmor_profile().to_owned(),
            exec_ids: None,
            host_config: HostConfig::new(container),
            graph_driver: GraphDriver::OVERLAY,
            size_rw: None,
            size_root_fs: None,
            mounts: mounts::all(container),
            config: Config::new(container, image),
            network_settings: NetworkSettings::new(container),
        }
    }
}

#[cfg(test)]
mod tests;
