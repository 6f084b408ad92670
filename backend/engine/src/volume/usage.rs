//! How much is in volumes: `docker system df`.

use super::{Volume, VolumeFilter, directory};
use crate::blocking::blocking;
use crate::host::VirtualHost;
use crate::{Result, du};

/// A volume, and what it takes.
#[derive(Debug, Clone)]
pub struct VolumeUsage {
    pub volume: Volume,
    /// Bytes.
    pub size: u64,
    /// Containers that have it.
    pub users: usize,
}

impl VirtualHost {
    /// Those that lie on the host's disk: as in Docker, not those with options.
    pub async fn volumes_usage(&self) -> Result<Vec<VolumeUsage>> {
        let mut usage = Vec::new();
        for volume in self.volumes(&VolumeFilter::default())?.into_iter().filter(|volume| volume.options.is_empty()) {
            let size = self.volume_size(&volume.name).await?;
            let users = self.users_of_volume(&volume.name).len();
            usage.push(VolumeUsage { volume, size, users });
        }
        Ok(usage)
    }

    /// Bytes; 0 if a tenant has taken it away.
    pub(super) async fn volume_size(&self, name: &str) -> Result<u64> {
        let _one_at_a_time = self.kinds.containers.walking.lock().await;
        let (all, name) = (self.volumes_dir(), name.to_owned());
        blocking("looking through a volume", move || Ok(directory::data(&all, &name).and_then(du::size).unwrap_or(0)))
            .await
    }
}
