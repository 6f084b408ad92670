//! What was ended because memory was used up.

use super::VirtualHost;
use crate::id::ContainerId;
use runtime::keeper::protocol::{OutOfMemory, Victim};
use tokio::sync::broadcast;

/// Something was ended because memory was used up: the host's, or as much as a container was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    pub ended: Ended,
    /// Bytes that were used up.
    pub limit: u64,
    /// Whether that was the whole host's memory; otherwise the container's own limit (`docker run -m`).
    pub of_host: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All of it, if the host's memory was used up; otherwise at least a process in it.
    Container { id: ContainerId, name: String },
    /// A job in the workstation. `pid` is its number there, 0 if that isn't known.
    Process { pid: i32, command: String, is_shell: bool },
}

impl VirtualHost {
    /// Whatever is ended because memory is used up, from now on. Who reads too slowly misses the oldest.
    pub fn shortages(&self) -> broadcast::Receiver<Shortage> {
        self.shortages.subscribe()
    }

    /// Tells what the keeper has ended.
    pub(super) fn ended_for_memory(&self, told: OutOfMemory) {
        let ended = match told.victim {
            Victim::Container { id } => {
                let Some(entry) = self.read_containers().get(id.as_str()).cloned() else { return };
                let name = entry.record().name.clone();
                Ended::Container { id: entry.id.clone(), name }
            }
            Victim::Process { pid, command, shell } => Ended::Process { pid, command, is_shell: shell },
        };
        tracing::info!(host = self.id().as_str(), ?ended, held = told.held, "the memory of a virtual host was used up");
        self.tell_shortage(Shortage { ended, limit: self.limits().memory, of_host: true });
    }

    pub(crate) fn tell_shortage(&self, shortage: Shortage) {
        // Without anybody who wants to know it is lost.
        let _ = self.shortages.send(shortage);
    }
}
