//! Events of images.

use crate::host::VirtualHost;
use crate::store::{Image, Reference};
use std::collections::BTreeMap;

impl VirtualHost {
    /// Publishes an event of an image with its labels, as Docker does. `name` is what it is called there.
    pub(crate) fn image_event(&self, image: &Image, action: &str, name: &str) {
        let mut attributes: BTreeMap<String, String> =
            image.config.labels().map(|(name, value)| (name.clone(), value.clone())).collect();
        attributes.insert("name".to_owned(), name.to_owned());
        self.events.publish("image", action, &image.id, attributes);
    }
    /// As Docker has it, with the name as id: an image may be pulled under several.
    pub(super) fn registry_event(&self, action: &str, id: &str, image: &Image, name: &Reference) {
        let mut attributes: BTreeMap<String, String> =
            image.config.labels().map(|(label, value)| (label.clone(), value.clone())).collect();
        attributes.insert("name".to_owned(), name.name().to_owned());
        self.events.publish("image", action, id, attributes);
    }
}
