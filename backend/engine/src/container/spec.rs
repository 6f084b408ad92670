//! What a client asks for when it creates a container.

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
    /// Remove it when it exits (`--rm`).
    pub auto_remove: bool,
    /// Signal that `stop` sends; `None`: the image's, or `SIGTERM`.
    pub stop_signal: Option<String>,
    /// Seconds that `stop` waits before `SIGKILL`; `None`: 10.
    pub stop_timeout: Option<i64>,
    /// `bridge` (also `default`), `none`.
    pub network_mode: String,
    pub read_only: bool,
    /// Rows and columns of the terminal at the start; 0: 24×80.
    pub console_size: [u16; 2],
    pub resources: Resources,
}

/// Limits of one container, within its virtual host's. 0: only the host's apply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// Bytes.
    pub memory: i64,
    /// Billionths of a processor.
    pub nano_cpus: i64,
    pub pids_limit: i64,
}
