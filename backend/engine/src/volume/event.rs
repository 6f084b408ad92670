//! Events of volumes.

use super::DRIVER;
use crate::host::VirtualHost;

impl VirtualHost {
    /// Tells what has happened to a volume.
    pub(crate) fn volume_event(&self, name: &str, action: &str, attributes: &[(&str, &str)]) {
        let all = std::iter::once(&("driver", DRIVER)).chain(attributes);
        let attributes = all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.events.publish("volume", action, name, attributes);
    }
}
