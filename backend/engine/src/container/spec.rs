//! What a client asks for when it creates a container.

use super::{LogConfig, Mounts, Privileges, Resources, RestartPolicy, Sharing, Surroundings};
use crate::network::NetworkMode;
use crate::store::Healthcheck;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A container as asked for; stored as it came, so that `inspect` can show it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerSpec {
    /// Without the leading slash; made up (`adjective_surname`) if `None`.
    pub name: Option<String>,
    /// As the client wrote it: name, name:tag, or id.
    pub image: String,
    /// `None`: the image's.
    pub cmd: Option<Vec<String>>,
    /// `None`: the image's. `Some(vec![])`: none at all.
    pub entrypoint: Option<Vec<String>>,
    /// `NAME=value`; merged over the image's. A bare `NAME` removes the image's.
    pub env: Vec<String>,
    /// Empty: the image's, or `/`.
    pub working_dir: String,
    /// Empty: the image's. `uid`, `uid:gid`, names of either.
    pub user: String,
    /// Empty: the first 12 digits of the id.
    pub hostname: String,
    pub domainname: String,
    pub labels: BTreeMap<String, String>,
    pub tty: bool,
    pub open_stdin: bool,
    pub stdin_once: bool,
    pub attach_stdin: bool,
    pub attach_stdout: bool,
    pub attach_stderr: bool,
    /// `--expose`: `80`, `80/udp`.
    pub exposed_ports: Vec<String>,
    /// Remove it when it exits (`--rm`).
    pub auto_remove: bool,
    /// Where the client wrote the id, on its own machine: only to be shown.
    pub container_id_file: String,
    /// Signal that `stop` sends; `None`: the image's, or `SIGTERM`.
    pub stop_signal: Option<String>,
    /// Seconds that `stop` waits before `SIGKILL`; `None`: 10.
    pub stop_timeout: Option<i64>,
    pub network_mode: NetworkMode,
    pub read_only: bool,
    /// Rows and columns of the terminal at the start; 0: 24×80.
    pub console_size: [u16; 2],
    pub resources: Resources,
    pub log: LogConfig,
    pub restart_policy: RestartPolicy,
    pub privileges: Privileges,
    pub healthcheck: Healthcheck,
    pub surroundings: Surroundings,
    /// A name of the one runtime; empty: its own.
    pub runtime: String,
    /// `default`, or empty, which is the same.
    pub isolation: String,
    pub sharing: Sharing,
    pub mounts: Mounts,
}
