//! `POST /containers/create`

use super::refused;
use crate::body;
use crate::error::{Error, Reply};
use crate::json::go_arch;
use crate::query::Params;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use engine::container::{ContainerSpec, Resources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Docker's smallest, in bytes: below, not even the container's first process can start.
const MIN_MEMORY: i64 = 6 * 1024 * 1024;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateResponse {
    id: String,
    warnings: Vec<String>,
}

pub(crate) async fn create(
    State(host): State<Arc<VirtualHost>>,
    params: Params,
    body: body::Json,
) -> Reply<(StatusCode, Json<CreateResponse>)> {
    if let Some(platform) = params.text("platform") {
        check_platform(platform, go_arch(host.info()?.architecture))?;
    }
    let mut spec = spec(body)?;
    spec.name = params.text("name").map(|name| name.strip_prefix('/').unwrap_or(name).to_owned());
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
    stop_signal: Option<String>,
    stop_timeout: Option<i64>,
    host_config: HostConfig,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostConfig {
    network_mode: String,
    auto_remove: bool,
    readonly_rootfs: bool,
    console_size: [u16; 2],
    memory: i64,
    nano_cpus: i64,
    pids_limit: i64,
}

/// A command: a list, or one word alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Many(Vec<String>),
    One(String),
}

impl Words {
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
    refused::check(body.value())?;
    let body: CreateBody = body.parse()?;
    if body.image.is_empty() {
        return Err(Error::bad("invalid reference format: the image's name is empty"));
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
        tty: body.tty,
        open_stdin: body.open_stdin,
        stdin_once: body.stdin_once,
        attach_stdin: body.attach_stdin,
        attach_stdout: body.attach_stdout,
        attach_stderr: body.attach_stderr,
        auto_remove: body.host_config.auto_remove,
        stop_signal: body.stop_signal.filter(|signal| !signal.is_empty()),
        stop_timeout: body.stop_timeout,
        read_only: body.host_config.readonly_rootfs,
        console_size: body.host_config.console_size,
        resources: resources(&body.host_config)?,
        network_mode: network_mode(body.host_config.network_mode),
    })
}

/// As `inspect` shows it: the default has a name.
fn network_mode(mode: String) -> String {
    if mode.is_empty() || mode == "default" { "bridge".into() } else { mode }
}

fn resources(host_config: &HostConfig) -> Reply<Resources> {
    if host_config.memory != 0 && host_config.memory < MIN_MEMORY {
        return Err(Error::bad("Minimum memory limit allowed is 6MB"));
    }
    if host_config.nano_cpus < 0 {
        return Err(Error::bad("invalid value for NanoCpus: must not be negative"));
    }
    Ok(Resources {
        memory: host_config.memory,
        nano_cpus: host_config.nano_cpus,
        // -1 is Docker's other way to say that there is no limit.
        pids_limit: host_config.pids_limit.max(0),
    })
}

fn check_platform(platform: &str, arch: &str) -> Reply<()> {
    if platform == "linux" || platform == format!("linux/{arch}") {
        return Ok(());
    }
    Err(Error::bad(format!("images here are for linux/{arch}: there is none for the platform {platform}")))
}

#[cfg(test)]
#[path = "create_tests.rs"]
mod tests;
