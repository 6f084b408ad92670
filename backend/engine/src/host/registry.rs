//! A virtual host and its registries: `docker pull`, `docker push`, `docker login`.

use super::VirtualHost;
use crate::image::{DOCKER_HUB, Destination, Image, Platform, ProgressStream, Pull, Push, Reference};
use crate::{Error, Result};
pub use registry::Credentials;
use registry::Repository;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is to be pulled.
#[derive(Debug, Clone, Default)]
pub struct PullRequest {
    /// The image's name, perhaps with a tag or digest.
    pub name: String,
    /// A tag or digest, which counts more than one in the name.
    pub tag: Option<String>,
    /// `linux/amd64`; `None`: this machine's.
    pub platform: Option<String>,
    pub credentials: Option<Credentials>,
}

/// What is to be pushed.
#[derive(Debug, Clone, Default)]
pub struct PushRequest {
    pub name: String,
    /// `None`: every tag that the host has of the name.
    pub tag: Option<String>,
    pub credentials: Option<Credentials>,
}

impl VirtualHost {
    /// Fetches an image from its registry, or where that can't be reached from the machine's catalogue, and says how far it is.
    ///
    /// # Errors
    /// Name, tag or platform is none; everything else is the last line of the stream.
    pub fn pull(self: &Arc<Self>, request: PullRequest) -> Result<ProgressStream> {
        let named = Reference::parse(&request.name)?;
        let (name, is_all) = match request.tag.as_deref() {
            Some(tag) => (named.with_suffix(tag).map_err(|_| Error::invalid("invalid tag format"))?, false),
            None => (named, Reference::is_name_only(&request.name)),
        };
        let platform = match request.platform.as_deref() {
            Some(platform) => Platform::parse(platform)?,
            None => Platform::of_machine(),
        };
        let repository = self.repository(&name, request.credentials)?;
        let host = self.clone();
        Ok(ProgressStream::of(async move |reporter| {
            let platform = (&platform).into();
            let outage = host.parts.registries.outage.clone();
            let pull = Pull { to: host.destination(), repository, name, platform, outage, reporter };
            let pulled = if is_all { pull.all().await? } else { pull.one().await? };
            for one in pulled {
                host.registry_event("pull", &one.name.to_string(), &one.image, &one.name);
            }
            Ok(())
        }))
    }

    /// Sends images to their registry, and says how far it is.
    ///
    /// # Errors
    /// The name is none; everything else is the last line of the stream.
    pub fn push(self: &Arc<Self>, request: PushRequest) -> Result<ProgressStream> {
        let named = Reference::parse(&request.name)?;
        let known = self.parts.store.tags_of(self.id(), named.name())?;
        let is_known = !known.is_empty();
        let tags = match &request.tag {
            Some(tag) => vec![named.with_suffix(tag).map_err(|_| Error::invalid("invalid tag format"))?],
            None => known,
        };
        let missing = move |tag: &Reference| {
            let name = tag.name();
            Error::not_found(match is_known {
                true => format!("tag does not exist: {tag}"),
                false => format!("An image does not exist locally with the tag: {name}"),
            })
        };
        let repository = self.repository(&named, request.credentials)?;
        let host = self.clone();
        Ok(ProgressStream::of(async move |reporter| {
            let push = Push { store: host.parts.store.clone(), host: host.id().to_owned(), repository, reporter };
            push.begin(&named).await;
            if tags.is_empty() {
                return Err(missing(&named));
            }
            for tag in tags {
                let image = host.image(&tag.to_string()).map_err(|_| missing(&tag))?;
                push.one(&tag, &image).await?;
                host.registry_event("push", &tag.to_string(), &image, &tag);
            }
            Ok(())
        }))
    }

    /// Whether a registry believes somebody. Nothing is kept; what it gives for a password is for the one who asked.
    ///
    /// # Errors
    /// It doesn't, or can't be asked.
    pub async fn log_in(&self, server: &str, credentials: Option<Credentials>) -> Result<Option<String>> {
        let credentials = credentials.ok_or_else(|| Error::invalid("no username or password"))?;
        let registry = if server.is_empty() { DOCKER_HUB } else { server };
        self.parts.registries.log_in(registry, &credentials, self.network_namespace.clone()).await
    }

    pub(crate) fn destination(&self) -> Destination {
        Destination {
            store: self.parts.store.clone(),
            downloads: self.parts.downloads.clone(),
            host: self.id().to_owned(),
            bound: Some(self.parts.config.disk_mib << 20).filter(|bound| *bound > 0),
        }
    }

    fn repository(&self, name: &Reference, credentials: Option<Credentials>) -> Result<Repository> {
        self.parts.registries.repository(name, credentials, Some(self.network_namespace.clone()))
    }

    /// As Docker has it, with the name as id: an image may be pulled under several.
    fn registry_event(&self, action: &str, id: &str, image: &Image, name: &Reference) {
        let mut attributes: BTreeMap<String, String> =
            image.config.labels().map(|(label, value)| (label.clone(), value.clone())).collect();
        attributes.insert("name".to_owned(), name.name().to_owned());
        self.events.publish("image", action, id, attributes);
    }
}
