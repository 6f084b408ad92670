//! `docker save`

use crate::Result;
use crate::host::VirtualHost;
use crate::store::{Platform, SavedImages};
use tokio::sync::OwnedSemaphorePermit;

impl VirtualHost {
    /// An archive of images; reading it blocks. See [`SavedImages`].
    ///
    /// # Errors
    /// The host has no such image, or not for this platform.
    pub async fn save_images(
        &self,
        names: &[&str],
        platform: Option<&Platform>,
    ) -> Result<(SavedImages, OwnedSemaphorePermit)> {
        let permit = self.kinds.images.outgoing().await?;
        let (saved, images) = self.parts.store.save(&self.owner(), names, platform)?;
        for image in &images {
            self.image_event(image, "save", &image.id);
        }
        Ok((saved, permit))
    }
}
