//! `POST /containers/create`

use super::mounts::MountFields;
use super::privileges::PrivilegesFields;
use super::resources::Resources;
use super::sharing::{self, SharingFields};
use super::surroundings::SurroundingsFields;
use super::{log_config, refused, restart_policy};
use crate::body;
use crate::error::{Error, Reply};
use crate::json::go_arch;
use crate::query::Params;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::ContainerId;
use engine::VirtualHost;
use engine::container::ContainerSpec;
use engine::image::Healthcheck;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateResponse {
    id: ContainerId,
    warnings: Vec<String>,
}

pub(crate) async fn create(
    State(host): State<Arc<VirtualHost>>,
    params: Params,
    body: body::Json,
) -> Reply<(StatusCode, Json<CreateResponse>)> {
    let mut spec = spec(body.required()?)?;
    if let Some(platform) = params.text("platform") {
        host.image(&spec.image)?;
        check_platform(&spec.image, platform, go_arch(host.info()?.architecture))?;
    }
    spec.name = params.text("name").map(str::to_owned);
    let created = host.create_container(spec).await?;
    Ok((StatusCode::CREATED, Json(CreateResponse { id: created.id, warnings: created.warnings })))
}

/// What is understood of a create request's body; [`refused`] has looked at the rest.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateBody {
    hostname: String,
    domainname: String,
    user: String,
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    tty: bool,
    open_stdin: bool,
    stdin_once: bool,
    env: Vec<String>,
    cmd: Option<Words>,
    image: String,
    working_dir: String,
    entrypoint: Option<Words>,
    labels: BTreeMap<String, String>,
    exposed_ports: BTreeMap<String, IgnoredAny>,
    volumes: BTreeMap<String, IgnoredAny>,
    stop_signal: Option<String>,
    stop_timeout: Option<i64>,
    healthcheck: Healthcheck,
    host_config: HostConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
    #[serde(rename = "ContainerIDFile")]
    container_id_file: String,
    network_mode: String,
    log_config: log_config::Body,
    restart_policy: restart_policy::Body,
    auto_remove: bool,
    readonly_rootfs: bool,
    console_size: [u16; 2],
    runtime: String,
    isolation: String,
    #[serde(flatten)]
    resources: Resources,
    #[serde(flatten)]
    privileges: PrivilegesFields,
    #[serde(flatten)]
    surroundings: SurroundingsFields,
    #[serde(flatten)]
    sharing: SharingFields,
    #[serde(flatten)]
    mounts: MountFields,
}

/// A command: a list, or one word alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Many(Vec<String>),
    One(String),
}

impl Words {
    fn is_empty(&self) -> bool {
        match self {
            Self::Many(words) => words.is_empty(),
            Self::One(_) => false,
        }
    }

    fn into_list(self) -> Vec<String> {
        match self {
            Self::Many(words) => words,
            Self::One(word) => vec![word],
        }
    }
}

fn spec(body: body::Json) -> Reply<ContainerSpec> {
    if body.value().as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(Error::bad("config cannot be empty in order to create a container"));
    }
    sharing::check_conflicts(body.value())?;
    refused::check(body.value())?;
    let body: CreateBody = body.parse()?;
    if body.image.is_empty() {
        let has_command = [&body.cmd, &body.entrypoint].into_iter().flatten().any(|words| !words.is_empty());
        return Err(if has_command {
            Error::not_yet("a container without an image")
        } else {
            Error::bad("no command specified")
        });
    }
    if !body.working_dir.is_empty() && !body.working_dir.starts_with('/') {
        return Err(Error::bad(format!(
            "the working directory '{}' is invalid, it needs to be an absolute path",
            body.working_dir
        )));
    }
    if let Some(variable) = body.env.iter().find(|variable| variable.is_empty() || variable.starts_with('=')) {
        return Err(Error::bad(format!("invalid environment variable: {variable}")));
    }
    Ok(ContainerSpec {
        name: None,
        image: body.image,
        // An empty command is none, but an empty entrypoint takes the image's away: `[]`, and the CLI's `--entrypoint ""`.
        cmd: body.cmd.map(Words::into_list).filter(|words| !words.is_empty()),
        entrypoint: body.entrypoint.map(Words::into_list).map(|words| if words == [""] { Vec::new() } else { words }),
        env: body.env,
        working_dir: body.working_dir,
        user: body.user,
        hostname: body.hostname,
        domainname: body.domainname,
        labels: body.labels,
        exposed_ports: body.exposed_ports.into_keys().collect(),
        tty: body.tty,
        open_stdin: body.open_stdin,
        stdin_once: body.stdin_once,
        attach_stdin: body.attach_stdin,
        attach_stdout: body.attach_stdout,
        attach_stderr: body.attach_stderr,
        auto_remove: body.host_config.auto_remove,
        container_id_file: body.host_config.container_id_file.clone(),
        stop_signal: body.stop_signal.filter(|signal| !signal.is_empty()),
        stop_timeout: body.stop_timeout,
        read_only: body.host_config.readonly_rootfs,
        console_size: body.host_config.console_size,
        resources: body.host_config.resources.into(),
        log: body.host_config.log_config.read()?,
        restart_policy: body.host_config.restart_policy.read()?,
        healthcheck: body.healthcheck,
        runtime: body.host_config.runtime,
        isolation: body.host_config.isolation,
        network_mode: body.host_config.network_mode.into(),
        privileges: body.host_config.privileges.into(),
        surroundings: body.host_config.surroundings.into(),
        sharing: body.host_config.sharing.read()?,
        mounts: body.host_config.mounts.asked(body.volumes.into_keys()),
    })
}

/// Refuses a `platform` that no image here is for, in Docker's words.
fn check_platform(image: &str, platform: &str, arch: &str) -> Reply<()> {
    // `linux/amd64/v3`: which processor of its kind it is, is no matter of the image's.
    let wanted = platform.match_indices('/').nth(1).and_then(|(end, _)| platform.get(..end)).unwrap_or(platform);
    if wanted == "linux" || wanted == format!("linux/{arch}") {
        return Ok(());
    }
    Err(Error::not_found(format!(
        "image with reference {image} was found but its platform (linux/{arch}) does not match the specified platform \
         ({platform})"
    )))
}

#[cfg(test)]
mod tests;
