//! `docker kill`: a signal to a container's first process.

use crate::host::VirtualHost;
use crate::{Error, Result, signal};

impl VirtualHost {
    /// Sends a signal (`SIGKILL` if `None`); with `SIGKILL`, waits until the container has ended.
    pub async fn kill_container(&self, name: &str, signal: Option<&str>) -> Result<()> {
        let cannot =
            |error: Error| Error { message: format!("cannot kill container: {name}: {}", error.message), ..error };
        let number = signal::parse(signal.unwrap_or("SIGKILL")).map_err(cannot)?;
        let entry = self.entry(name).map_err(cannot)?;
        let stop_signal = entry.record().spec.stop_signal.clone();
        // As Docker: with a stop signal of its own, only that one and SIGKILL mean an end.
        let ends = number == nix::libc::SIGKILL
            || stop_signal.is_none_or(|own| signal::parse(&own).is_ok_and(|own| own == number));
        if self.cancel_restart(&entry).await? {
            return Ok(());
        }
        if entry.is_running() && ends {
            self.stopped_by_hand(&entry)?;
        }
        if !entry.is_running() {
            return Err(cannot(Error::conflict(format!("container {} is not running", entry.id))));
        }
        if number == nix::libc::SIGKILL {
            self.kill_and_wait(&entry).await?;
        } else {
            self.signal(&entry, number).await?;
        }
        Ok(())
    }
}
