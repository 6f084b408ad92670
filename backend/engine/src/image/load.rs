//! `docker load`

use crate::Result;
use crate::blocking::blocking;
use crate::host::VirtualHost;
use crate::store::{Loaded, Platform};
use std::io::Read;
use std::sync::Arc;

impl VirtualHost {
    /// Takes in an archive of images, and tells how it goes. To be called once the archive has begun to come: what it comes from may
    /// be waiting for another transfer's end.
    ///
    /// # Errors
    /// See [`Store::load`]; nothing of it stays then.
    pub async fn load_images(
        self: &Arc<Self>,
        archive: impl Read + Send + 'static,
        platform: Option<Platform>,
        mut tell: impl FnMut(Loaded) + Send + 'static,
    ) -> Result<()> {
        let permit = self.kinds.images.incoming().await?;
        let host = self.clone();
        blocking("the loading of images", move || {
            let _permit = permit;
            let limits = host.layer_limits()?;
            host.parts.store.load(&host.owner(), archive, platform.as_ref(), limits, |loaded| {
                if let Loaded::Image { id } = &loaded
                    && let Ok(image) = host.parts.store.image_by_id(&host.owner(), id)
                {
                    host.image_event(&image, "load", id);
                }
                tell(loaded);
            })
        })
        .await
    }
}
