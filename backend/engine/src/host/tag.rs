//! `docker tag`

use super::VirtualHost;
use crate::image::{Image, Reference};
use crate::{ErrorKind, Result};
use std::collections::BTreeMap;

impl VirtualHost {
    /// Gives an image another name, which it takes from any other image.
    ///
    /// # Errors
    /// There is no such image; a name that is none is not found either, as in Docker.
    pub fn tag_image(&self, source: &str, name: &Reference) -> Result<()> {
        let tagged = self.store.tag(&self.id, source, name).map_err(|mut error| {
            if error.kind == ErrorKind::InvalidParameter {
                error.kind = ErrorKind::NotFound;
            }
            error
        });
        self.image_event("tag", &tagged?, &name.to_string());
        Ok(())
    }

    /// Publishes an event of an image with its labels, as Docker does.
    pub(crate) fn image_event(&self, action: &str, image: &Image, name: &str) {
        let mut attributes: BTreeMap<String, String> =
            image.config.labels().map(|(key, value)| (key.clone(), value.clone())).collect();
        attributes.insert("name".to_owned(), name.to_owned());
        self.events.publish("image", action, &image.id, attributes);
    }
}
