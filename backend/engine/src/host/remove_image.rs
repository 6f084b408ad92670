//! `docker rmi`

use super::VirtualHost;
use crate::Result;
use crate::container::Status;
use crate::image::{Image, RemoveOptions, Removed, User};

impl VirtualHost {
    /// Takes a name from an image and, if that was the last and nothing needs it, the image from this host; or, by its id, the image.
    ///
    /// # Errors
    /// There is no such image, or something stands in the way. Then nothing has changed.
    pub fn remove_image(&self, name: &str, options: RemoveOptions) -> Result<Vec<Removed>> {
        let removal = {
            // Held until it is written down: a container that is made at this moment either is one of these, or finds no image.
            let containers = self.read_containers();
            let user = |container: &crate::container::Container| User {
                container: container.id.clone(),
                image: container.image_id.clone(),
                running: matches!(container.state.status, Status::Running | Status::Restarting),
            };
            let users: Vec<User> = containers.values().map(|entry| user(&entry.record())).collect();
            self.parts.store.remove(self.id(), name, options, &users)?
        };
        for (action, image) in removal.events {
            // What has been deleted has no labels any more.
            let image = if action == "delete" { Image { id: image.id, ..Image::default() } } else { image };
            self.image_event(&image, action, &image.id);
        }
        Ok(removal.records)
    }
}
