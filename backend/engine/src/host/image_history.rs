//! `docker history`

use super::VirtualHost;
use crate::Result;
use crate::image::{HistoryStep, Image};

impl VirtualHost {
    /// How an image of this host came to be, the last step first.
    pub fn image_history(&self, image: &Image) -> Result<Vec<HistoryStep>> {
        self.parts.store.history(self.id(), image)
    }
}
