//! The images of a virtual host.

use super::VirtualHost;
use crate::Result;
use crate::container::Container;
use crate::image::{Image, ImageSummary, Limits};
use std::collections::HashMap;
use std::path::PathBuf;

impl VirtualHost {
    /// Every image with a tag on this host, newest first.
    pub fn images(&self) -> Result<Vec<ImageSummary>> {
        let images = self.store.images(&self.id)?;
        let containers = self.read_containers();
        let users = |image: &Image| containers.values().filter(|entry| entry.record().image_id == image.id).count();
        Ok(images.into_iter().map(|image| ImageSummary { containers: users(&image), image }).collect())
    }

    /// By name, name:tag, id, or an unambiguous beginning of an id.
    pub fn image(&self, name: &str) -> Result<Image> {
        self.store.image(&self.id, name)
    }

    /// Of each image, the bytes of its layers that other images of this host have, too.
    pub fn shared_sizes(&self) -> Result<HashMap<String, u64>> {
        self.store.shared_sizes(&self.id)
    }

    /// What a layer that comes in for this host may be at most.
    pub(crate) fn layer_limits(&self) -> Result<Limits> {
        self.destination().layer_limits()
    }

    /// The layers below a container's own, topmost first.
    pub(crate) fn layers_of(&self, container: &Container) -> Result<Vec<PathBuf>> {
        let image = self.store.layers(&self.store.image_by_id(&self.id, &container.image_id)?);
        Ok([vec![self.store.mountpoints().to_owned()], image].concat())
    }
}
