//! Images in and out as archives: `docker save`, `load`, `import`.

use super::VirtualHost;
use crate::image::{Defaults, History, ImageConfig, Loaded, Names, Platform, Reference, RootFs, SavedImages};
use crate::time::now;
use crate::{Error, Result, dockerfile};
use std::io::Read;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// What is made of an archive of files.
#[derive(Debug, Clone, Default)]
pub struct Import {
    pub name: Option<Reference>,
    /// What `docker history` says of it.
    pub comment: String,
    /// Instructions of a Dockerfile.
    pub changes: Vec<String>,
    /// `None`: this machine's.
    pub platform: Option<Platform>,
}

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
        let permit = self.transfers.outgoing().await?;
        let (saved, images) = self.parts.store.save(self.id(), names, platform)?;
        for image in &images {
            self.image_event(image, "save", &image.id);
        }
        Ok((saved, permit))
    }

    /// Takes in an archive of images, and tells how it goes. To be called once the archive has begun to come: what it comes from may
    /// be waiting for another transfer's end.
    ///
    /// # Errors
    /// See [`crate::image::Store::load`]; nothing of it stays then.
    pub async fn load_images(
        self: &Arc<Self>,
        archive: impl Read + Send + 'static,
        platform: Option<Platform>,
        mut tell: impl FnMut(Loaded) + Send + 'static,
    ) -> Result<()> {
        let permit = self.transfers.incoming().await?;
        let host = self.clone();
        blocking(move || {
            let _permit = permit;
            let limits = host.layer_limits()?;
            host.parts.store.load(host.id(), archive, platform.as_ref(), limits, |loaded| {
                if let Loaded::Image { id } = &loaded
                    && let Ok(image) = host.parts.store.image_by_id(host.id(), id)
                {
                    host.image_event(&image, "load", id);
                }
                tell(loaded);
            })
        })
        .await
    }

    /// Makes an image of an archive of files; answers its id. To be called once the archive has begun to come, too.
    ///
    /// # Errors
    /// A change is none, the platform is not Linux, the archive is broken, hostile or too large.
    pub async fn import_image(self: &Arc<Self>, archive: impl Read + Send + 'static, import: Import) -> Result<String> {
        let (config, platform) = import.check()?;
        let permit = self.transfers.incoming().await?;
        let host = self.clone();
        blocking(move || {
            let _permit = permit;
            let taken = host.parts.store.take_in_layer(archive, None, host.layer_limits()?)?;
            let document = import.document(config, platform, &taken.layer.diff_id);
            let names = Names { tags: import.name.as_slice(), by_hand: true, ..Names::default() };
            let image = match document.and_then(|document| host.parts.store.register(host.id(), &document, &names)) {
                Ok(image) => image,
                Err(error) => {
                    host.parts.store.forget(taken.if_new());
                    return Err(error);
                }
            };
            if let Some(name) = &import.name {
                host.image_event(&image, "tag", &name.to_string());
            }
            host.image_event(&image, "import", &image.id);
            Ok(image.id)
        })
        .await
    }
}

impl Import {
    /// # Errors
    /// What is asked for can't be. Before the archive is read, which may be long.
    pub fn check(&self) -> Result<(Defaults, Platform)> {
        let platform = self.platform.clone().unwrap_or_else(Platform::of_machine);
        if platform.os != "linux" {
            return Err(Error::invalid("operating system is not supported"));
        }
        let mut config = Defaults::default();
        dockerfile::apply(&mut config, &self.changes)?;
        Ok((config, platform))
    }

    fn document(&self, config: Defaults, platform: Platform, diff_id: &str) -> Result<Vec<u8>> {
        let created = jiff::Timestamp::from_nanosecond(now().into())
            .map_err(|error| Error::system(format!("The machine's time is none: {error}")))?
            .to_string();
        let history = History { created: Some(created.clone()), comment: self.comment.clone(), ..History::default() };
        ImageConfig {
            architecture: platform.architecture,
            config,
            created: Some(created),
            docker_version: env!("CARGO_PKG_VERSION").to_owned(),
            history: vec![history],
            os: platform.os,
            rootfs: RootFs { kind: "layers".to_owned(), diff_ids: vec![diff_id.to_owned()] },
            variant: platform.variant,
            ..ImageConfig::default()
        }
        .to_bytes()
    }
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::system(format!("the archive could not be read to its end: {error}")))?
}
