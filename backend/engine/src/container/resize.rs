//! The size of a container's terminal.

use crate::host::VirtualHost;
use crate::{Error, Result};
use runtime::keeper::protocol::Request;

impl VirtualHost {
    /// Sets the terminal's size in characters. Errors: not found, not running.
    pub async fn resize_container(&self, name: &str, rows: u16, cols: u16) -> Result<()> {
        let entry = self.entry(name)?;
        if !entry.is_running() {
            return Err(Error::conflict(format!("container {} is not running", entry.id)));
        }
        self.keeper.request(Request::Resize { id: entry.id.to_string(), rows, cols }).await?;
        let size = [("height", rows), ("width", cols)].map(|(name, value)| (name.to_owned(), value.to_string()));
        self.container_event_with(&entry.id, "resize", size.into());
        Ok(())
    }
}
