//! Events of images.

use super::VirtualHost;
use crate::image::Image;
use std::collections::BTreeMap;

impl VirtualHost {
    /// Publishes an event of an image with its labels, as Docker does. `name` is what it is called there.
    pub(crate) fn image_event(&self, image: &Image, action: &str, name: &str) {
        let mut attributes: BTreeMap<String, String> =
            image.config.labels().map(|(name, value)| (name.clone(), value.clone())).collect();
        attributes.insert("name".to_owned(), name.to_owned());
        self.events.publish("image", action, &image.id, attributes);
    }
}
