//! `docker volume ls`

use super::{DRIVER, Volume, record};
use crate::host::VirtualHost;
use crate::{Pattern, Result, label};

/// Which volumes. Of names and drivers one must be true, of labels every one; an empty list is true of all.
#[derive(Debug, Clone, Default)]
pub struct VolumeFilter {
    /// Whether no container has it.
    pub dangling: Option<bool>,
    pub drivers: Vec<String>,
    /// `name` or `name=value`
    pub labels: Vec<String>,
    pub names: Vec<Pattern>,
}

impl VirtualHost {
    /// The volumes that match, by name.
    pub fn volumes(&self, filter: &VolumeFilter) -> Result<Vec<Volume>> {
        let mut all = record::all(&self.parts.db, self.id())?;
        all.retain(|volume| filter.matches(volume));
        if let Some(dangling) = filter.dangling {
            all.retain(|volume| self.users_of_volume(&volume.name).is_empty() == dangling);
        }
        Ok(all)
    }
}

impl VolumeFilter {
    fn matches(&self, volume: &Volume) -> bool {
        (self.names.is_empty() || self.names.iter().any(|pattern| pattern.is_in(&volume.name)))
            && (self.drivers.is_empty() || self.drivers.iter().any(|driver| driver == DRIVER))
            && self.labels.iter().all(|wanted| label::has(&volume.labels, wanted))
    }
}
