//! `docker volume prune`

use super::{Volume, VolumeFilter};
use crate::host::VirtualHost;
use crate::{ErrorKind, Result, label};

/// Which volumes are to go, of those that no container has.
#[derive(Debug, Clone, Default)]
pub struct VolumePruneFilter {
    /// Also those with a name.
    pub all: bool,
    /// `name` or `name=value`: all of these.
    pub labels: Vec<String>,
    /// None of these.
    pub not_labels: Vec<String>,
}

/// What has gone.
#[derive(Debug, Clone, Default)]
pub struct PrunedVolumes {
    pub volumes: Vec<String>,
    /// Bytes.
    pub reclaimed: u64,
}

impl VirtualHost {
    /// Removes the volumes that nobody has. As in Docker, those with options stay: what is in them lies elsewhere.
    pub async fn prune_volumes(&self, filter: &VolumePruneFilter) -> Result<PrunedVolumes> {
        let mut pruned = PrunedVolumes::default();
        for volume in self.volumes(&VolumeFilter::default())?.into_iter().filter(|volume| filter.matches(volume)) {
            if !self.users_of_volume(&volume.name).is_empty() {
                continue;
            }
            let size = self.volume_size(&volume.name).await?;
            // Not all the time: to look through a large one takes a while.
            let _alone = self.kinds.volumes.users.write().await;
            match self.remove_unused(&volume.name).await {
                Ok(()) => {
                    pruned.volumes.push(volume.name);
                    pruned.reclaimed = pruned.reclaimed.saturating_add(size);
                }
                Err(error) if error.kind == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        let details = [("reclaimed".to_owned(), pruned.reclaimed.to_string())].into();
        self.events.publish("volume", "prune", "", details);
        Ok(pruned)
    }
}

impl VolumePruneFilter {
    fn matches(&self, volume: &Volume) -> bool {
        volume.options.is_empty()
            && (self.all || volume.is_anonymous())
            && self.labels.iter().all(|wanted| label::has(&volume.labels, wanted))
            && !self.not_labels.iter().any(|wanted| label::has(&volume.labels, wanted))
    }
}
