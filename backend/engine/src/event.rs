//! What happened on a virtual host, in Docker's words (`docker events`).

use crate::time::now;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast;

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

/// How many past events `docker events --since` can see; Docker keeps 256 as well.
const KEPT: usize = 256;

/// The events of one virtual host.
#[derive(Debug)]
pub(crate) struct EventLog {
    past: Mutex<VecDeque<Event>>,
    sender: broadcast::Sender<Event>,
}

impl EventLog {
    pub(crate) fn new() -> Self {
        Self { past: Mutex::default(), sender: broadcast::channel(KEPT).0 }
    }

    pub(crate) fn publish(&self, kind: &'static str, action: &str, id: &str, attributes: BTreeMap<String, String>) {
        let event = Event { kind, action: action.to_owned(), id: id.to_owned(), attributes, time: now() };
        let mut past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        if past.len() == KEPT {
            past.pop_front();
        }
        past.push_back(event.clone());
        // Sent under the lock, so that `subscribe` sees each event exactly once. Nobody listening is fine.
        let _ = self.sender.send(event);
    }

    /// What has been, and what will be, without a gap or an overlap.
    pub(crate) fn subscribe(&self) -> (Vec<Event>, broadcast::Receiver<Event>) {
        let past = self.past.lock().unwrap_or_else(PoisonError::into_inner);
        (past.iter().cloned().collect(), self.sender.subscribe())
    }
}
