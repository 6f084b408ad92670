//! The image that a container was made of.

use super::Container;
use crate::Result;
use crate::host::VirtualHost;
use crate::store::Image;
use std::path::PathBuf;

impl VirtualHost {
    /// What a container was made of, even if this host has that image no longer.
    pub fn image_of(&self, container: &Container) -> Result<Image> {
        self.parts.store.image_by_id(&self.owner(), &container.image_id)
    }

    /// What a container's image is called: as when it was made, or by its id if that means another image now, or none.
    pub fn image_name_of(&self, container: &Container) -> Result<String> {
        let (name, id) = (&container.spec.image, &container.image_id);
        Ok(if self.parts.store.means(&self.owner(), name, id)? { name.clone() } else { id.to_string() })
    }

    /// The layers below a container's own, topmost first.
    pub(crate) fn layers_of(&self, container: &Container) -> Result<Vec<PathBuf>> {
        let image = self.parts.store.layers(&self.image_of(container)?);
        Ok([vec![self.parts.store.mountpoints().to_owned()], image].concat())
    }
}
