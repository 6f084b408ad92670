//! `docker kill`: a signal to a container's first process.

use super::signal;
use crate::host::VirtualHost;
use crate::{Error, Result};
use std::collections::BTreeMap;

impl VirtualHost {
    /// Sends a signal (`SIGKILL` if `None`); with `SIGKILL`, waits until the container has ended.
    pub async fn kill_container(&self, name: &str, signal: Option<&str>) -> Result<()> {
        let entry = self.entry(name)?;
        let number = signal::parse(signal.unwrap_or("SIGKILL"))?;
        if !entry.is_running() {
            return Err(Error::conflict(format!(
                "cannot kill container: {name}: container {} is not running",
                entry.id
            )));
        }
        let details = BTreeMap::from([("signal".to_owned(), number.to_string())]);
        if number == nix::libc::SIGKILL {
            self.kill_and_wait(&entry).await?;
        } else {
            self.signal(&entry, number).await?;
        }
        self.container_event_with(&entry.id, "kill", details);
        Ok(())
    }
}
