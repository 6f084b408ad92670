//! `docker image prune`

use crate::host::VirtualHost;
use crate::id::ImageId;
use crate::store::{Image, RemoveOptions, Removed};
use crate::{ErrorKind, Result};
use std::collections::{BTreeMap, HashSet};

/// Which images are to go, of those that no container is made of.
#[derive(Debug, Clone, Default)]
pub struct ImagePruneFilter {
    /// Also those with a tag.
    pub tagged: bool,
    /// Made not after this, in nanoseconds since the epoch.
    pub until: Option<i64>,
    /// `name` or `name=value`: all of these.
    pub labels: Vec<String>,
    /// Not all of these, as in Docker.
    pub not_labels: Vec<String>,
}

/// What has gone.
#[derive(Debug, Clone, Default)]
pub struct PrunedImages {
    pub removed: Vec<Removed>,
    /// Bytes of the layers.
    pub reclaimed: u64,
}

impl VirtualHost {
    /// Removes the images that nothing needs, and with each what it was made of.
    pub fn prune_images(&self, filter: &ImagePruneFilter) -> Result<PrunedImages> {
        let parents = self.parts.store.parents(&self.owner())?;
        let mut removed = Vec::new();
        for image in self.parts.store.images(&self.owner())?.iter().filter(|image| filter.matches(image, &parents)) {
            let names: Vec<&str> = image.repo_tags.iter().chain(&image.repo_digests).map(String::as_str).collect();
            let names = if names.is_empty() { vec![image.id.as_str()] } else { names };
            for name in names {
                match self.remove_image(name, RemoveOptions::default()) {
                    Ok(records) => removed.extend(records),
                    // Something needs it; or the name went with another, or by somebody else's hand.
                    Err(error) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let size = |removed: &Removed| if let Removed::Layer { size, .. } = removed { *size } else { 0 };
        let reclaimed = removed.iter().map(size).fold(0, u64::saturating_add);
        let details = BTreeMap::from([("reclaimed".to_owned(), reclaimed.to_string())]);
        self.events.publish("image", "prune", "", details);
        Ok(PrunedImages { removed, reclaimed })
    }
}

impl ImagePruneFilter {
    fn matches(&self, image: &Image, parents: &HashSet<ImageId>) -> bool {
        let has_name = !(image.repo_tags.is_empty() && image.repo_digests.is_empty());
        let is_parent = parents.contains(&image.id);
        (self.tagged || image.repo_tags.is_empty())
            && !(is_parent && (!self.tagged || !has_name))
            && self.until.is_none_or(|until| image.config.created.is_some() && image.created <= until)
            && self.labels.iter().all(|label| image.has_label(label))
            && (self.not_labels.is_empty() || !self.not_labels.iter().all(|label| image.has_label(label)))
    }
}
