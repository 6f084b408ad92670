//! How much a container has written: `docker ps --size`, `docker system df`.

use super::Container;
use super::changes::{blocking, directory};
use crate::host::VirtualHost;
use crate::{Result, du};
use rustix::io::Errno;
use std::time::Instant;

impl VirtualHost {
    /// Bytes that a container has written. Files with several names count once, directories not at all.
    pub async fn container_size(&self, container: &Container) -> Result<u64> {
        // One that was removed meanwhile has nothing.
        let Ok(entry) = self.entry(&container.id) else { return Ok(0) };
        let mut measured = entry.measured.lock().await;
        if let Some(known) = measured.as_ref().filter(|known| Instant::now() < known.until) {
            return Ok(known.bytes);
        }
        let _one_at_a_time = self.kinds.containers.walking.lock().await;
        let begun = Instant::now();
        let upper = self.container_dir(&container.id).join("upper");
        let bytes = blocking(move || match directory(&upper) {
            Err(Errno::NOENT) => Ok(0),
            other => du::size(other?),
        });
        let bytes = bytes.await?;
        *measured = Some(Measured { bytes, until: Instant::now() + begun.elapsed() * REST });
        Ok(bytes)
    }
}

/// For so many times as long as it took, a size isn't measured again: asking can't keep the server busy.
const REST: u32 = 20;

/// What a container had written.
#[derive(Debug)]
pub(crate) struct Measured {
    bytes: u64,
    /// Until when that is good enough.
    until: Instant,
}
