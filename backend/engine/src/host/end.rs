//! A virtual host ends: because it was asked to, or because its keeper has gone.

use super::{KeeperEvents, VirtualHost};
use crate::id::HostId;
use crate::parts::Parts;
use crate::{Error, Result};
use runtime::keeper::protocol::{Event, ProcessState, Request, WORKSTATION};
use std::sync::Arc;
use tokio::task::JoinSet;

impl VirtualHost {
    /// Follows the host's processes until its keeper has gone, then records everything on it as ended.
    pub(crate) async fn follow(self: Arc<Self>, parts: Arc<Parts>, mut events: KeeperEvents) {
        let mut ends = JoinSet::new();
        while let Some(event) = events.recv().await {
            while ends.try_join_next().is_some() {}
            match event {
                Event::Exited(process) => self.exited(process, &mut ends).await,
                Event::OutOfMemory(told) => self.ended_for_memory(told),
            }
        }
        // What is known of an end comes before what is only concluded.
        while ends.join_next().await.is_some() {}
        let entries: Vec<_> = self.read_containers().values().cloned().collect();
        for entry in &entries {
            self.container_lost(entry).await;
        }
        self.files.close();
        if let Err(error) = sweep(&parts, self.id()).await {
            tracing::error!(host = self.id().as_str(), %error, "a virtual host that has ended isn't cleaned up");
        }
        self.over.send_replace(true);
    }

    async fn exited(self: &Arc<Self>, process: ProcessState, ends: &mut JoinSet<()>) {
        if process.container.is_some() {
            return self.exec_exited(&process).await;
        }
        let entry = self.read_containers().get(process.id.as_str()).cloned();
        if let Some(entry) = entry.filter(|_| process.id != WORKSTATION) {
            // Each in a task of its own: one that waits for its start must not hold up the others.
            let host = self.clone();
            ends.spawn(async move { host.container_exited(&entry, &process).await });
        }
    }

    /// Ends everything on this host. Its records and files stay.
    pub(crate) async fn shut_down(&self) -> Result<()> {
        match self.keeper.request(Request::Shutdown).await {
            // That was asked for. If it left requests of others unread, its last reply is lost.
            Err(_) if self.keeper.has_gone() => Ok(()),
            answer => Ok(answer.map(drop)?),
        }
    }
}

/// Removes what a keeper that has gone left: processes, cgroups, its socket, bundles.
pub(crate) async fn sweep(parts: &Arc<Parts>, host: &HostId) -> Result<()> {
    let (_, run_dir) = parts.config.host_dirs(host);
    let id = host.clone();
    let swept = tokio::task::spawn_blocking(move || {
        runtime::keeper::sweep(&id)?;
        match std::fs::remove_dir_all(&run_dir) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::system(format!("cannot remove {}: {error}", run_dir.display())))
            }
            _ => Ok(()),
        }
    });
    swept.await.map_err(|error| Error::system(format!("cannot clean up after virtual host {host}: {error}")))?
}
