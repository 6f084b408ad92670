//! `docker import`

use crate::blocking::blocking;
use crate::host::VirtualHost;
use crate::id::ImageId;
use crate::store::{Defaults, History, ImageConfig, Names, Platform, Reference, RootFs};
use crate::time::now;
use crate::{Error, Result, dockerfile};
use std::io::Read;
use std::sync::Arc;

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
    /// Makes an image of an archive of files; answers its id. To be called once the archive has begun to come, too.
    ///
    /// # Errors
    /// A change is none, the platform is not Linux, the archive is broken, hostile or too large.
    pub async fn import_image(
        self: &Arc<Self>,
        archive: impl Read + Send + 'static,
        import: Import,
    ) -> Result<ImageId> {
        let (config, platform) = import.check()?;
        let permit = self.kinds.images.incoming().await?;
        let host = self.clone();
        blocking("the import", move || {
            let _permit = permit;
            let taken = host.parts.store.take_in_layer(archive, None, host.layer_limits()?)?;
            let document = import.document(config, platform, &taken.layer.diff_id);
            let names = Names { tags: import.name.as_slice(), by_hand: true, ..Names::default() };
            let image = match document.and_then(|document| host.parts.store.register(&host.owner(), &document, &names))
            {
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
