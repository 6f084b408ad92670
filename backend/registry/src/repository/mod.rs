//! A repository, for one request of a user.

mod blob;
mod image;
mod manifest;
mod name;
mod push;
mod tags;
mod upload;

pub use blob::Download;
pub use image::Image;
pub use manifest::Resolved;

use crate::auth::Scopes;
use crate::config::DOCKER_HUB;
use crate::peer::Peer;
use crate::{Digest, Error, Result, text};
use std::fmt;
use std::sync::Arc;

/// A repository of a registry, and perhaps its copies in mirrors. Cheap to clone, for downloads side by side: all share
/// its connections and tokens, which end with the last clone.
#[derive(Debug, Clone)]
pub struct Repository {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: String,
    /// As Docker shows it: `debian`, `localhost:5000/debian`.
    name: String,
    registry: Peer,
    mirrors: Vec<Peer>,
    pulling: Scopes,
    pushing: Scopes,
}

/// Which of a repository's manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Which {
    Tag(String),
    Digest(Digest),
}

impl Repository {
    pub(crate) fn new(registry: Peer, mirrors: Vec<Peer>, path: &str) -> Result<Self> {
        if !name::is_path(path) {
            return Err(Error::Invalid(format!("invalid repository name: {}", text::shown(path))));
        }
        let name = match (registry.host().name.as_str(), path.strip_prefix("library/")) {
            (DOCKER_HUB, Some(name)) if !name.contains('/') => name.to_owned(),
            (DOCKER_HUB, _) => path.to_owned(),
            (host, _) => format!("{host}/{path}"),
        };
        let (pulling, pushing) = (Scopes::pull(path), Scopes::push(path));
        let inner = Inner { path: path.to_owned(), name, registry, mirrors, pulling, pushing };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Those that may have what is pulled, the registry itself last.
    fn peers(&self) -> impl Iterator<Item = &Peer> {
        let usable = self.inner.mirrors.iter().filter(|mirror| !mirror.is_lost());
        usable.chain(std::iter::once(&self.inner.registry))
    }

    /// Tells that a mirror failed, which is no reason to fail.
    fn passed_over(&self, peer: &Peer, error: &Error) {
        tracing::debug!(mirror = peer.host().name, repository = self.inner.name, %error, "a mirror is passed over");
    }

    fn is_registry(&self, peer: &Peer) -> bool {
        std::ptr::eq(peer, &self.inner.registry)
    }
}

impl Inner {
    fn manifest_path(&self, which: &Which) -> String {
        format!("/v2/{}/manifests/{which}", self.path)
    }

    fn blob_path(&self, digest: &Digest) -> String {
        format!("/v2/{}/blobs/{digest}", self.path)
    }

    /// As Docker shows it: `debian:13`.
    fn reference(&self, which: &Which) -> String {
        let separator = if matches!(which, Which::Tag(_)) { ':' } else { '@' };
        format!("{}{separator}{which}", self.name)
    }
}

impl Which {
    fn parse(tag_or_digest: &str) -> Result<Self> {
        if tag_or_digest.contains(':') {
            return Ok(Self::Digest(Digest::parse(tag_or_digest)?));
        }
        if !name::is_tag(tag_or_digest) {
            return Err(Error::Invalid(format!("invalid tag format: {}", text::shown(tag_or_digest))));
        }
        Ok(Self::Tag(tag_or_digest.to_owned()))
    }

    /// Refuses what is not the manifest that was asked for.
    fn check(&self, digest: &Digest) -> Result<()> {
        match self {
            Self::Digest(wanted) if wanted != digest => Err(Error::Lied(format!(
                "manifest verification failed for digest {wanted}: the registry sent {digest}"
            ))),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}
