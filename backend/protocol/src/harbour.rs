//! What is on a learner's virtual host: the pier's view.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Harbour {
    /// In order of creation.
    pub containers: Vec<Ship>,
    pub images: Vec<Cargo>,
    pub limits: Limits,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ship {
    /// 12 digits, as `docker ps` shows them.
    pub id: String,
    pub name: String,
    pub image: String,
    pub command: String,
    pub state: ShipState,
    /// Of an exited container.
    pub exit_code: Option<i32>,
    /// In the default network, while it runs.
    pub address: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShipState {
    Created,
    Running,
    Paused,
    /// Waits for its next start, as its restart policy says.
    Restarting,
    Exited,
}

/// What the pier does with a container, as the command of that name does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainerAction {
    /// Takes up to ten seconds, if the container doesn't end by itself.
    Stop,
    Kill,
    /// Only what doesn't run.
    Remove,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cargo {
    /// `name:tag`
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Whether the learner brought it in: a new host would not have it.
    pub own: bool,
}

/// What the virtual host may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes.
    pub memory: u64,
    pub pids: u64,
    pub millicpus: u64,
}
