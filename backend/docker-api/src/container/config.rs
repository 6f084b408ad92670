//! `Config` of `inspect`: what was asked for, with what the image adds.

use crate::json::{Null, Set};
use engine::container::Container;
use engine::image::{Healthcheck, Image};
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
    healthcheck: Option<Healthcheck>,
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
        let defaults = container.config(image);
        Self {
            hostname: container.hostname.clone(),
            domainname: spec.domainname.clone(),
            user: defaults.user,
            attach_stdin: spec.attach_stdin,
            attach_stdout: spec.attach_stdout,
            attach_stderr: spec.attach_stderr,
            exposed_ports: defaults.exposed_ports,
            tty: spec.tty,
            open_stdin: spec.open_stdin,
            stdin_once: spec.stdin_once,
            env: defaults.env.unwrap_or_default(),
            cmd: defaults.cmd,
            healthcheck: Some(spec.healthcheck.clone()).filter(|check| *check != Healthcheck::default()),
            image: spec.image.clone(),
            volumes: defaults.volumes,
            working_dir: defaults.working_dir,
            entrypoint: defaults.entrypoint,
            on_build: (),
            labels: defaults.labels.unwrap_or_default(),
            stop_signal: defaults.stop_signal,
            stop_timeout: defaults.stop_timeout,
        }
    }
}
