//! `docker pull`

use super::Credentials;
use crate::host::VirtualHost;
use crate::store::{Destination, Platform, ProgressStream, Pull, Reference};
use crate::{Error, Result};
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
            let outage = host.parts.registries.outage(&host.caller()).clone();
            let pull = Pull { to: host.destination(), repository, name, platform, outage, reporter };
            let pulled = if is_all { pull.all().await? } else { pull.one().await? };
            for one in pulled {
                host.registry_event("pull", &one.name.to_string(), &one.image, &one.name);
            }
            Ok(())
        }))
    }

    pub(crate) fn destination(&self) -> Destination {
        Destination {
            store: self.parts.store.clone(),
            downloads: self.parts.downloads.clone(),
            owner: self.owner(),
            bound: self.rules().images_bound(),
        }
    }
}
