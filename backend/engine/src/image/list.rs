//! The images of a virtual host.

use super::ImageFilter;
use crate::Result;
use crate::host::VirtualHost;
use crate::id::ImageId;
use crate::store::{Image, ImageSummary};
use archive::Limits;
use std::collections::{HashMap, HashSet};

impl VirtualHost {
    /// The images that match, newest first, with those of their names that do.
    ///
    /// # Errors
    /// The filter names an image that this host doesn't have.
    pub fn images(&self, filter: &ImageFilter) -> Result<Vec<ImageSummary>> {
        let made = |name: &String| Ok(self.image(name)?.created);
        let before = filter.before.iter().map(made).collect::<Result<Vec<_>>>()?.into_iter().min();
        let since = filter.since.iter().map(made).collect::<Result<Vec<_>>>()?.into_iter().max();
        let (images, parents) = (self.parts.store.images(&self.owner())?, self.parts.store.parents(&self.owner())?);
        let mut users: HashMap<ImageId, usize> = HashMap::new();
        for entry in self.read_containers().values() {
            *users.entry(entry.record().image_id.clone()).or_default() += 1;
        }
        let summary = |image: Image| ImageSummary {
            containers: users.get(&image.id).copied().unwrap_or(0),
            is_parent: parents.contains(&image.id),
            image,
        };
        Ok(images.into_iter().map(summary).filter_map(|summary| filter.shown(summary, before, since)).collect())
    }

    /// The ids of images that a new host could have, too.
    pub fn shared_images(&self) -> Result<HashSet<ImageId>> {
        self.parts.store.catalogue_ids()
    }

    /// By name, name:tag, id, or an unambiguous beginning of an id.
    pub fn image(&self, name: &str) -> Result<Image> {
        self.parts.store.image(&self.owner(), name)
    }

    /// Bytes of the layers of this host's images, each counted once.
    pub fn layers_size(&self) -> Result<u64> {
        self.parts.store.layers_size(&self.owner())
    }

    /// Of each image, the bytes of its layers that other images of this host have, too.
    pub fn shared_sizes(&self) -> Result<HashMap<ImageId, u64>> {
        self.parts.store.shared_sizes(&self.owner())
    }

    /// What a layer that comes in for this host may be at most.
    pub(crate) fn layer_limits(&self) -> Result<Limits> {
        self.destination().layer_limits()
    }
}
