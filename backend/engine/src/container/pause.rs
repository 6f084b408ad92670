//! `docker pause` and `docker unpause`: all processes of a container are held where they are.

use super::entry::Entry;
use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};
use runtime::cgroup;

impl VirtualHost {
    /// Holds a container's processes. Errors: not found, doesn't run, paused already.
    pub async fn pause_container(&self, name: &str) -> Result<()> {
        let entry = self.entry(name)?;
        let _turn = entry.turn.lock().await;
        if !entry.is_running() {
            return Err(Error::conflict(format!("container {} is not running", entry.id)));
        }
        if entry.record().state.paused {
            return Err(Error::conflict(format!("Container {} is already paused", entry.id)));
        }
        self.freeze(&entry, true).await?;
        self.container_event(&entry.id, "pause");
        Ok(())
    }

    /// Lets them go on. Errors: not found, not paused.
    pub async fn unpause_container(&self, name: &str) -> Result<()> {
        let entry = self.entry(name)?;
        let _turn = entry.turn.lock().await;
        if !entry.record().state.paused {
            // Docker's own kind of error for it.
            return Err(Error::system(format!("Container {} is not paused", entry.id)));
        }
        self.freeze(&entry, false).await?;
        self.container_event(&entry.id, "unpause");
        Ok(())
    }

    /// Lets a paused container go on that has been sent a signal which is to end it: it would never get that.
    pub(crate) async fn wake_for_signal(&self, entry: &Entry, signal: i32) -> Result<()> {
        let own = entry.record().spec.stop_signal.clone();
        let ends = signal == nix::libc::SIGKILL
            || own.is_none_or(|own| crate::signal::parse(&own).is_ok_and(|number| number == signal));
        let _turn = entry.turn.lock().await;
        if !ends || !entry.record().state.paused {
            return Ok(());
        }
        match self.freeze(entry, false).await {
            // A held one can be killed under version 2: then its group is gone, and all is well.
            Err(_) if !entry.is_running() => return Ok(()),
            outcome => outcome?,
        }
        self.container_event(&entry.id, "unpause");
        Ok(())
    }

    /// Holds a container for a commit, if it runs and isn't held: the engine may be killed meanwhile, and must know then that nobody
    /// has wanted it to stay so. The caller doesn't have its turn.
    pub(crate) async fn hold(&self, entry: &Entry) -> Result<bool> {
        if !entry.is_running() || entry.record().state.paused {
            return Ok(false);
        }
        entry.update(|container| {
            container.state.committing = true;
            Ok(())
        })?;
        let held = self.pause_container(&entry.id).await;
        if held.is_err() {
            entry.note(|container| container.state.committing = false);
        }
        match held {
            // It has ended, or somebody else holds it: nothing is left to do.
            Err(error) if error.kind == ErrorKind::Conflict => Ok(false),
            held => held.map(|()| true),
        }
    }

    /// Lets it go on, unless somebody has already done so, or it has ended.
    pub(crate) async fn let_go(&self, entry: &Entry) {
        let is_held = entry.record().state.committing;
        if let Err(error) = if is_held { self.unpause_container(&entry.id).await } else { Ok(()) } {
            tracing::error!(container = entry.id.as_str(), %error, "a container stays held after its commit");
        }
    }

    /// Finds out whether a container is held, after a crash between the deed and the record. One that a commit has held goes on.
    pub(crate) fn find_paused(&self, entry: &Entry) {
        if entry.record().state.committing
            && let Err(failure) = cgroup::freeze(&self.cgroup_of(&entry.id), false)
        {
            tracing::error!(
                container = entry.id.as_str(),
                error = failure.message,
                "a container stays held after its commit"
            );
        }
        let paused = cgroup::is_frozen(&self.cgroup_of(&entry.id)).unwrap_or(false);
        entry.note(|container| {
            container.state.paused = paused;
            container.state.committing = false;
        });
    }

    /// Path of a container's cgroup below each hierarchy's root.
    pub(crate) fn cgroup_of(&self, container: &str) -> String {
        format!("{}/{container}", runtime::keeper::cgroup_of(self.id()))
    }

    async fn freeze(&self, entry: &Entry, frozen: bool) -> Result<()> {
        let group = self.cgroup_of(&entry.id);
        let frozen_there = tokio::task::spawn_blocking(move || cgroup::freeze(&group, frozen)).await;
        frozen_there
            .map_err(|error| Error::system(error.to_string()))?
            .map_err(|failure| Error::system(format!("Cannot pause container {}: {}", entry.id, failure.message)))?;
        entry.note(|container| {
            container.state.paused = frozen;
            // Whoever lets it go on ends what a commit has begun.
            container.state.committing &= frozen;
        });
        Ok(())
    }
}
