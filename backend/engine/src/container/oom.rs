//! Containers whose memory is used up, so that the kernel has killed a process, or holds those that want more where it may not: Docker
//! shows it at once, and tells of it.

use super::entry::Entry;
use crate::host::{Ended, Shortage, VirtualHost};
use runtime::cgroup;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks. The kernel's own notices differ between the versions and cost open files; a look costs microseconds.
const INTERVAL: Duration = Duration::from_secs(1);

/// Looks after a host's containers until that ends.
pub(crate) fn watch(host: &Arc<VirtualHost>) {
    let host = Arc::downgrade(host);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let Some(host) = host.upgrade().filter(|host| !host.keeper.has_gone()) else { return };
            let entries: Vec<_> = host.read_containers().values().cloned().collect();
            for entry in entries {
                host.look_for_oom(&entry);
            }
        }
    });
}

impl VirtualHost {
    /// Looks whether the memory of a running container is used up. One that is being started or stopped is passed over:
    /// its end is looked at in any case.
    pub(crate) fn look_for_oom(&self, entry: &Entry) {
        let Ok(_turn) = entry.turn.try_lock() else { return };
        if entry.is_running() && cgroup::out_of_memory(&self.cgroup_of(&entry.id)).unwrap_or(false) {
            self.note_oom(entry);
        }
    }

    /// Records and tells it, once in a container's run; the container's turn must be held.
    pub(crate) fn note_oom(&self, entry: &Entry) {
        if entry.record().state.oom_killed {
            return;
        }
        entry.note(|container| container.state.oom_killed = true);
        self.container_event(&entry.id, "oom");
        let record = entry.record();
        let limit = u64::try_from(record.spec.resources.memory).unwrap_or(0);
        // Without a limit of its own it was the host's memory, of which the keeper tells.
        if limit > 0 && cgroup::oom_killed(&self.cgroup_of(&entry.id)).unwrap_or(false) {
            let ended = Ended::Container { id: entry.id.clone(), name: record.name.clone() };
            self.tell_shortage(Shortage { ended, limit, of_host: false });
        }
    }
}
