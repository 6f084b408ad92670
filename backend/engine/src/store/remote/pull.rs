//! `docker pull`

use super::destination::Destination;
use super::download::{Stage, Wanted};
use super::kind;
use super::outage::Outage;
use super::progress::{Progress, Reporter, short};
use crate::id::ImageId;
use crate::store::document::{self, ImageConfig};
use crate::store::reference::{DOCKER_HUB, Reference};
use crate::store::{self, Image};
use crate::{Error, ErrorKind, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use registry::{Content, Descriptor, ImageManifest, Platform, Repository};
use std::sync::Arc;

/// Layers of one pull that come at once, as in Docker.
const AT_ONCE: usize = 3;

/// A pull that is going on.
pub(crate) struct Pull {
    pub(crate) to: Destination,
    pub(crate) repository: Repository,
    pub(crate) name: Reference,
    pub(crate) platform: Platform,
    pub(crate) outage: Arc<Outage>,
    pub(crate) reporter: Reporter,
}

/// What came.
pub(crate) struct Pulled {
    /// As it was asked for.
    pub(crate) name: Reference,
    pub(crate) image: Image,
    pub(crate) is_new: bool,
}

impl Pull {
    /// Every tag of a name.
    pub(crate) async fn all(&self) -> Result<Vec<Pulled>> {
        let tags = match self.repository.tags().await {
            Ok(tags) => tags,
            Err(error) => return self.take_from_catalogue(&self.name, true, error).await,
        };
        let mut pulled = Vec::new();
        for tag in tags {
            pulled.extend(self.tag(&self.name.with_suffix(&tag)?).await?);
        }
        self.say_status(self.name.name(), &pulled).await;
        Ok(pulled)
    }

    /// The one tag or digest that was asked for.
    pub(crate) async fn one(&self) -> Result<Vec<Pulled>> {
        let pulled = self.tag(&self.name).await?;
        self.say_status(&self.name.to_string(), &pulled).await;
        self.warn_of_platform(&pulled).await;
        Ok(pulled)
    }

    async fn say_status(&self, shown: &str, pulled: &[Pulled]) {
        let is_new = pulled.iter().any(|pulled| pulled.is_new);
        let what = if is_new { "Downloaded newer image" } else { "Image is up to date" };
        self.reporter.say(Progress::Message(format!("Status: {what} for {shown}"))).await;
    }

    /// An image that is for one platform only comes whatever is asked for, as in Docker, which says it.
    async fn warn_of_platform(&self, pulled: &[Pulled]) {
        let wanted = store::Platform::from(self.platform.clone());
        for Pulled { name, image, .. } in pulled {
            let actual = image.platform();
            if !wanted.runs(&actual) {
                let warning = format!(
                    "WARNING: image with reference {name} was found but its platform ({actual}) does not match the specified \
                     platform ({wanted})"
                );
                self.reporter.say(Progress::Message(warning)).await;
            }
        }
    }

    async fn tag(&self, name: &Reference) -> Result<Vec<Pulled>> {
        let wanted = name.tag().or(name.digest()).unwrap_or_default();
        if let Some(why) = self
            .outage
            .last()
            .filter(|_| name.registry() == DOCKER_HUB && self.to.store.offers_image(&name.to_string()))
        {
            return self.take_from_catalogue(name, false, why).await;
        }
        let id = name.tag().map_or_else(|| format!("{}@{wanted}", name.full_name()), str::to_owned);
        let begin = Progress::Of { id, status: format!("Pulling from {}", name.path()) };
        let found = match self.repository.image(wanted, &self.platform).await {
            Ok(found) => found,
            Err(error @ registry::Error::NoMatch(_)) => {
                self.reporter.say(begin).await;
                return Err(error.into());
            }
            Err(error) => {
                if name.registry() == DOCKER_HUB {
                    self.outage.note(&error);
                }
                return self.take_from_catalogue(name, false, error).await;
            }
        };
        let Content::Image(manifest) = found.manifest.content()? else {
            return Err(Error::invalid(format!("{name} is no image")));
        };
        if found.index.is_none() {
            kind::check_manifest(&found.manifest, &manifest)?;
        }
        self.reporter.say(begin).await;
        kind::check_parts(&manifest)?;
        let before = self.to.image(name);
        let (document, layers) = self.read(&manifest).await?;
        if !self.has(manifest.config.digest.as_str(), &layers)? {
            self.layers(layers).await?;
        }
        let named = found.index.unwrap_or(found.manifest.digest);
        let digest = name.with_suffix(named.as_str())?;
        let tags = name.tag().map(|_| name.clone()).into_iter().collect();
        let image = self.to.take_in(document, tags, vec![digest]).await?;
        self.reporter.say(Progress::Message(format!("Digest: {named}"))).await;
        let is_new = before.is_none_or(|before| before.id != image.id);
        Ok(vec![Pulled { name: name.clone(), image, is_new }])
    }

    /// The configuration, and each layer that it names with the blob that holds it.
    async fn read(&self, manifest: &ImageManifest) -> Result<(Vec<u8>, Vec<(String, Descriptor)>)> {
        if manifest.config.size > document::LARGEST as u64 {
            return Err(Error::invalid("the image's configuration is larger than any"));
        }
        let bytes = match self.to.store.document(&ImageId::of_digest(&manifest.config.digest)) {
            Ok(bytes) => bytes,
            Err(_) => self.download(&manifest.config).await?,
        };
        let config = ImageConfig::parse(&bytes)?;
        kind::check_os(&config.os)?;
        let (named, held) = (config.rootfs.diff_ids.len(), manifest.layers.len());
        if named != held {
            return Err(Error::invalid(format!(
                "the image's configuration names {named} layers, its manifest has {held}"
            )));
        }
        Ok((bytes, config.rootfs.diff_ids.into_iter().zip(manifest.layers.clone()).collect()))
    }

    /// Whether who pulls has this image, whole: then Docker says nothing of layers.
    fn has(&self, id: &str, layers: &[(String, Descriptor)]) -> Result<bool> {
        let mut is_whole = self.to.store.image(&self.to.owner, id).is_ok();
        for (diff_id, _) in layers {
            is_whole = is_whole && self.to.store.find_layer(diff_id)?.is_some();
        }
        Ok(is_whole)
    }

    async fn download(&self, small: &Descriptor) -> Result<Vec<u8>> {
        let (mut bytes, mut download) = (Vec::new(), self.repository.blob(small));
        while let Some(chunk) = download.chunk().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Fetches what isn't there, some at once.
    async fn layers(&self, layers: Vec<(String, Descriptor)>) -> Result<()> {
        let mut missing: Vec<(String, Descriptor, String)> = Vec::new();
        for (diff_id, blob) in layers {
            let id = short(blob.digest.as_str());
            if missing.iter().any(|(_, _, known)| *known == diff_id) {
                continue;
            }
            if self.to.store.find_layer(&diff_id)?.is_some() {
                self.reporter.layer(&id, "Already exists", None).await;
            } else {
                self.reporter.layer(&id, "Pulling fs layer", None).await;
                missing.push((id, blob, diff_id));
            }
        }
        for (id, ..) in missing.iter().skip(AT_ONCE) {
            self.reporter.layer(id, "Waiting", None).await;
        }
        let fetches = stream::iter(missing).map(|(id, blob, diff_id)| self.layer(id, blob, diff_id));
        fetches.buffer_unordered(AT_ONCE).try_collect::<()>().await
    }

    async fn layer(&self, id: String, blob: Descriptor, diff_id: String) -> Result<()> {
        let total = blob.size;
        let limits = self.to.layer_limits()?;
        let wanted = Wanted { repository: self.repository.clone(), blob, diff_id, limits };
        let look = async |stage: Stage| match stage {
            Stage::Downloading(0) | Stage::Failed(_) => {}
            Stage::Downloading(done) => self.reporter.layer(&id, "Downloading", Some((done, total))).await,
            Stage::Extracting => {
                self.reporter.layer(&id, "Download complete", None).await;
                self.reporter.layer(&id, "Extracting", Some((total, total))).await;
            }
            Stage::Done(_) => self.reporter.layer(&id, "Pull complete", None).await,
        };
        self.to.downloads.fetch(&self.to.store, &wanted, look).await?;
        Ok(())
    }

    /// What the machine has built itself under that name, said for what it is: an image is never passed off as another.
    async fn take_from_catalogue(&self, name: &Reference, is_all: bool, why: registry::Error) -> Result<Vec<Pulled>> {
        use registry::Error as Why;
        let can_help = matches!(why, Why::Unreachable { .. } | Why::RateLimited(_) | Why::NotFound(_) | Why::Denied(_));
        if !can_help || name.digest().is_some() || name.registry() != DOCKER_HUB {
            let is_unknown = matches!(why, Why::Unauthorized(_));
            let error = Error::from(why);
            // As in Docker, whose client would ask for a password here if it were told that there is none.
            let kind = if is_unknown { ErrorKind::System } else { error.kind };
            return Err(Error { kind, ..error });
        }
        let tags = self.to.store.catalogue_tags(name, is_all)?;
        if tags.is_empty() {
            let offers = self.to.store.offers()?;
            let names = offers.iter().flat_map(|offer| offer.tags.iter().map(|tag| format!("{}:{tag}", offer.name)));
            let there = if offers.is_empty() { "none".to_owned() } else { names.collect::<Vec<_>>().join(", ") };
            let error = Error::from(why);
            let message = format!("{}. {name} is not among this machine's own images either: {there}", error.message);
            return Err(Error { message, ..error });
        }
        let mut pulled = Vec::new();
        for tag in tags {
            let (before, id) = (self.to.image(&tag), tag.tag().unwrap_or_default().to_owned());
            self.reporter.say(Progress::Of { id, status: format!("Pulling from {}", name.path()) }).await;
            let image = self.to.store.adopt(&self.to.owner, &tag)?;
            let is_new = before.is_none_or(|before| before.id != image.id);
            pulled.push(Pulled { name: tag, image, is_new });
        }
        let reason = format!("{why}. This is this machine's own image of that name, built from Debian's packages.");
        self.reporter.say(Progress::Message(reason)).await;
        Ok(pulled)
    }
}
