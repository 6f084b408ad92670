//! `Config` of `inspect`: what was asked for, with what the image adds.

use super::health::HealthConfig;
use crate::json::{Null, Set, set};
use engine::container::Container;
use engine::image::Image;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Config {
    hostname: String,
    domainname: String,
    user: String,
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    exposed_ports: Set,
    tty: bool,
    open_stdin: bool,
    stdin_once: bool,
    env: Vec<String>,
    cmd: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthConfig>,
    image: String,
    volumes: Option<Set>,
    working_dir: String,
    entrypoint: Option<Vec<String>>,
    on_build: Null,
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_timeout: Option<i64>,
}

impl Config {
    /// Without `image` (it may have been removed) it shows what the container itself knows.
    pub(super) fn new(container: &Container, image: Option<&Image>) -> Self {
        let spec = &container.spec;
        let image_config = image.map(|image| &image.config.config);
        // An entrypoint of one's own makes the image's command meaningless: Docker drops it.
        let image_cmd = image_config.and_then(|config| config.cmd.clone()).filter(|_| spec.entrypoint.is_none());
        let image_labels = image_config.and_then(|config| config.labels.clone()).unwrap_or_default();
        let mut labels = image_labels;
        labels.extend(spec.labels.clone());
        Self {
            hostname: container.hostname.clone(),
            domainname: spec.domainname.clone(),
            user: container.user.clone(),
            attach_stdin: spec.attach_stdin,
            attach_stdout: spec.attach_stdout,
            attach_stderr: spec.attach_stderr,
            exposed_ports: set(&container.exposed_ports),
            tty: spec.tty,
            open_stdin: spec.open_stdin,
            stdin_once: spec.stdin_once,
            env: container.env.clone(),
            cmd: spec.cmd.clone().or(image_cmd),
            healthcheck: HealthConfig::shown(&spec.healthcheck),
            image: spec.image.clone(),
            volumes: image_config.and_then(|config| config.volumes.clone()),
            working_dir: container.working_dir.clone(),
            entrypoint: match &spec.entrypoint {
                Some(words) => Some(words.clone()).filter(|words| !words.is_empty()),
                None => image_config.and_then(|config| config.entrypoint.clone()),
            },
            on_build: (),
            labels,
            stop_signal: spec.stop_signal.clone(),
            stop_timeout: spec.stop_timeout,
        }
    }
}
