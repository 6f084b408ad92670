//! A container as it is.

use super::{ContainerSpec, Health, MountPoint, Restarts};
use crate::id::{ContainerId, ImageId};
use crate::network::{Address, Endpoint};
use serde::{Deserialize, Serialize};

/// A container's record, with everything that `inspect` and `ps` show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Container {
    pub id: ContainerId,
    /// Without the leading slash.
    pub name: String,
    pub spec: ContainerSpec,
    /// Of the image that it was made from.
    pub image_id: ImageId,
    /// What really runs: entrypoint and cmd after the image's defaults.
    pub argv: Vec<String>,
    /// Environment after the image's defaults.
    pub env: Vec<String>,
    pub working_dir: String,
    pub user: String,
    pub hostname: String,
    /// Nanoseconds since the epoch.
    pub created: i64,
    pub state: ContainerState,
    pub network: Option<Endpoint>,
    #[serde(default)]
    pub restarts: Restarts,
    /// `None` for one without a health check, or that never ran.
    #[serde(default)]
    pub health: Option<Health>,
    /// Its own and its image's, as `80/tcp`.
    #[serde(default)]
    pub exposed_ports: Vec<String>,
    /// What of the host it sees, by target.
    #[serde(default)]
    pub mounts: Vec<MountPoint>,
}

impl Container {
    /// How it is reached in its network; `None` if it doesn't run, or isn't.
    pub fn address(&self) -> Option<&Address> {
        self.network.as_ref()?.address.as_ref()
    }
}

/// Where a container is in its life. Times are nanoseconds since the epoch, 0 for never.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerState {
    pub status: Status,
    /// As the virtual host's owner would see it is not known here: the machine's pid; 0 when it doesn't run.
    pub pid: i32,
    /// Its id as the virtual host sees it: what `ps` in the workstation shows.
    #[serde(default)]
    pub visible_pid: i32,
    /// Its processes are held (`docker pause`); it counts as running all the same.
    #[serde(default)]
    pub paused: bool,
    /// They are held for a commit, which lets them go on.
    #[serde(default)]
    pub committing: bool,
    pub exit_code: i32,
    pub oom_killed: bool,
    /// Why the last start failed; empty if it didn't.
    pub error: String,
    pub started_at: i64,
    pub finished_at: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    #[default]
    Created,
    Running,
    /// It has ended, and waits to be started again.
    Restarting,
    Exited,
    /// Being removed.
    Removing,
}

impl ContainerState {
    /// All of Docker's words for states; none is `dead` here.
    pub const WORDS: [&str; 7] = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];

    /// Docker's word for it.
    pub fn word(&self) -> &'static str {
        match self.status {
            Status::Created => "created",
            Status::Running if self.paused => "paused",
            Status::Running => "running",
            Status::Restarting => "restarting",
            Status::Exited => "exited",
            Status::Removing => "removing",
        }
    }
}
