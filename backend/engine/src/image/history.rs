//! `docker history`

use crate::Result;
use crate::host::VirtualHost;
use crate::store::{HistoryStep, Image};

impl VirtualHost {
    /// How an image of this host came to be, the last step first.
    pub fn image_history(&self, image: &Image) -> Result<Vec<HistoryStep>> {
        self.parts.store.history(&self.owner(), image)
    }
}
