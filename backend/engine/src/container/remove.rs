//! `docker rm`: the record goes at once, the files a little later.

use super::entry::Entry;
use super::{Status, files, oci};
use crate::host::VirtualHost;
use crate::{Error, Result};
use std::sync::Arc;

impl VirtualHost {
    /// Removes a container; a running one only with `force`, which kills it. With `volumes`, those go that were made without a name
    /// for it, and that nobody else has.
    pub async fn remove_container(&self, name: &str, force: bool, volumes: bool) -> Result<()> {
        let entry = self.entry(name)?;
        loop {
            let record = entry.record();
            let (status, is_active) = match record.state.status {
                Status::Running if record.state.paused && !force => {
                    return Err(Error::conflict(format!(
                        "cannot remove container \"{name}\": container is paused and must be unpaused first"
                    )));
                }
                Status::Running => ("running", true),
                Status::Restarting => ("restarting", true),
                Status::Created | Status::Exited | Status::Removing => ("", false),
            };
            if is_active && !force {
                return Err(Error::conflict(format!(
                    "cannot remove container \"{name}\": container is {status}: stop the container before removing or force remove"
                )));
            }
            if is_active {
                self.stopped_by_hand(&entry)?;
                // It may have been started again by its policy until then.
                if !self.cancel_restart(&entry).await? && entry.is_running() {
                    self.kill_and_wait(&entry).await?;
                }
            }
            match self.remove_entry(&entry, volumes).await {
                // Somebody's `restart` was under way: what it started is killed, too.
                Err(_) if force && entry.is_running() => {}
                done => return done,
            }
        }
    }

    /// Forgets a container that doesn't run. Fine if somebody else was faster (`--rm` and `rm -f` at once).
    pub(crate) async fn remove_entry(&self, entry: &Arc<Entry>, volumes: bool) -> Result<()> {
        let _turn = entry.turn.lock().await;
        match entry.record().state.status {
            Status::Running | Status::Restarting => {
                return Err(Error::conflict(format!("container {} was started while it was being removed", entry.id)));
            }
            Status::Removing => return Ok(()),
            // If the machine's disk is full, it can be removed later.
            Status::Created | Status::Exited => entry.delete()?,
        }
        let record = entry.record();
        let anonymous: Vec<String> =
            record.volumes().filter(|mount| volumes && mount.anonymous).map(|mount| mount.name.clone()).collect();
        if !anonymous.is_empty() {
            self.remove_volumes_of(&anonymous).await;
        }
        self.container_event(&entry.id, "destroy");
        self.write_containers().remove(&entry.id);
        self.forget_execs(&entry.id);
        entry.take_attaching();
        entry.change_lifecycle(|life| life.removed = true);
        oci::remove_bundle(&self.bundle_dir(&entry.id));
        files::discard(&self.container_dir(&entry.id), &self.trash_dir());
        Ok(())
    }
}
