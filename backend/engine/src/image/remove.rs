//! `docker rmi`

use crate::Result;
use crate::host::VirtualHost;
use crate::store::{Image, ImageConfig, RemoveOptions, Removed, User};

impl VirtualHost {
    /// Takes a name from an image and, if that was the last and nothing needs it, the image from this host; or, by its id, the image.
    ///
    /// # Errors
    /// There is no such image, or something stands in the way. Then nothing has changed.
    pub fn remove_image(&self, name: &str, options: RemoveOptions) -> Result<Vec<Removed>> {
        let removal = {
            // Held until it is written down: a container that is made at this moment either is one of these, or finds no image.
            let containers = self.read_containers();
            let users = containers.values().map(|entry| User {
                container: entry.id.clone(),
                image: entry.record().image_id.clone(),
                running: entry.is_running() || entry.is_restarting(),
            });
            let users: Vec<User> = users.collect();
            self.parts.store.remove(&self.owner(), name, options, &users)?
        };
        for (action, image) in removal.events {
            // What has been deleted has no labels any more.
            let image = if action == "delete" { Image { config: ImageConfig::default(), ..image } } else { image };
            self.image_event(&image, action, &image.id);
        }
        Ok(removal.records)
    }
}
