//! What happened on a virtual host, in Docker's words (`docker events`).

use std::collections::BTreeMap;

/// One event. The Docker API and the page's pier both read these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `container`, `image`, `network`, `volume`.
    pub kind: &'static str,
    /// `create`, `start`, `die`, `destroy`, `exec_create: sh -c …` and so on.
    pub action: String,
    /// Id of what it happened to.
    pub id: String,
    /// `image`, `name`, `exitCode`, labels, and so on.
    pub attributes: BTreeMap<String, String>,
    /// Nanoseconds since the epoch.
    pub time: i64,
}
