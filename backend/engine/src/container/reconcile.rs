//! Containers that are written down, those that run, and what lies about of them: brought in line when a server begins.

use super::{files, oci};
use crate::host::VirtualHost;
use runtime::failure::FailureKind;
use runtime::keeper::protocol::{self, ProcessState, Request, WORKSTATION};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a killed process may take to end.
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const LOOKS: usize = 500;

impl VirtualHost {
    /// Brings what is written down in line with what really runs.
    pub(crate) async fn reconcile_containers(self: &Arc<Self>, processes: &[ProcessState]) {
        self.sweep_files(processes);
        let entries: Vec<_> = self.read_containers().values().cloned().collect();
        for entry in &entries {
            match processes.iter().find(|process| process.id == *entry.id) {
                Some(process) if matches!(process.status, protocol::Status::Running { .. }) && entry.is_running() => {
                    self.watch_health(entry);
                    self.find_paused(entry);
                }
                Some(process) if matches!(process.status, protocol::Status::Exited { .. }) && entry.is_running() => {
                    self.container_exited(entry, process).await;
                }
                // A start that the server did not live to write down: the container never ran for anybody.
                Some(_) => {
                    self.forget(&entry.id).await;
                    if entry.is_restarting() {
                        self.restart_later(entry, Duration::ZERO);
                    }
                }
                // The server was killed before it could remove it.
                None if entry.is_over_and_unwanted() => self.remove_unwanted(entry).await,
                // One that waited when the server ended goes on waiting.
                None if entry.is_restarting() => self.restart_later(entry, Duration::ZERO),
                None => self.container_lost(entry).await,
            }
        }
        let leftover = |process: &&ProcessState| {
            let over = !matches!(process.status, protocol::Status::Running { .. });
            let of_container = process.container.is_none() && process.id != WORKSTATION;
            !entries.iter().any(|entry| *entry.id == process.id) && (of_container || over)
        };
        for process in processes.iter().filter(leftover) {
            self.forget(&process.id).await;
        }
    }

    /// Kills a process, and has the keeper forget it.
    pub(crate) async fn forget(&self, id: &str) {
        let kill = Request::Signal { id: id.to_owned(), signal: nix::libc::SIGKILL, all: true };
        // One that has ended can't be killed; forgetting is what counts.
        let _ = self.keeper.request(kill).await;
        for _ in 0..LOOKS {
            match self.keeper.request(Request::Forget { id: id.to_owned() }).await {
                // It takes a moment until it has ended.
                Err(error) if error.kind == FailureKind::Conflict => tokio::time::sleep(BETWEEN_LOOKS).await,
                Err(error) if error.kind != FailureKind::NotFound => {
                    return tracing::warn!(process = id, error = error.message, "the keeper doesn't forget a process");
                }
                _ => return,
            }
        }
        tracing::error!(process = id, "a process that nobody knows of can't be killed");
    }

    /// Removes what a server that was killed has left half made, or half deleted: directories of containers that are not
    /// written down, bundles of processes that aren't there.
    fn sweep_files(&self, processes: &[ProcessState]) {
        crate::tree::remove_contents(&self.trash_dir());
        let known = |id: &str| self.read_containers().contains_key(id);
        for dir in subdirectories(&self.containers_dir()).filter(|dir| !name_of(dir).is_some_and(known)) {
            files::discard(&dir, &self.trash_dir());
        }
        let runs = |id: &str| processes.iter().any(|process| process.id == id);
        for dir in subdirectories(&self.bundles_dir()).filter(|dir| !name_of(dir).is_some_and(runs)) {
            oci::remove_bundle(&dir);
        }
    }
}

fn subdirectories(dir: &Path) -> impl Iterator<Item = PathBuf> {
    // Where nothing was made yet there is nothing to sweep.
    std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn name_of(dir: &Path) -> Option<&str> {
    dir.file_name()?.to_str()
}
