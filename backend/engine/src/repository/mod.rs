//! The harbour's own registry: repositories over the store of images, as the OCI distribution specification means them.
//!
//! Knows no HTTP. Blobs are the store's, whoever brought them; which of them a repository has, its manifests and its tags are rows.
//! Everything blocks, and each call is one transaction: a kill leaves what was before it or what is after it.

mod access;
mod append;
mod blobs;
mod document;
mod fault;
mod finish;
mod limits;
mod list;
mod manifests;
mod names;
mod push;
mod referrers;
mod uploads;

#[cfg(test)]
mod tests;

pub use append::Appending;
pub use fault::{Fault, Result};
pub use limits::{LARGEST_MANIFEST, RegistryLimits};
pub use manifests::Manifest;
pub use push::Pushed;
pub use referrers::Referrer;

use crate::image::{Reference, Store};
use append::Hashes;
use std::sync::Arc;

/// The repositories of one registry. Clones are the same one. Its calls block.
#[derive(Debug, Clone)]
pub struct Repositories {
    store: Store,
    registry: Arc<str>,
    limits: RegistryLimits,
    hashes: Arc<Hashes>,
}

impl Repositories {
    /// The registry of that name in a store; it has what it had.
    ///
    /// # Errors
    /// `registry` is no name that Docker takes for a registry's: it has a dot or a port, and is not Docker Hub's.
    pub fn open(store: &Store, registry: &str, limits: RegistryLimits) -> crate::Result<Self> {
        let wrong = || {
            crate::Error::invalid(format!("`{registry}` can't be a registry's name: take one with a dot, like hub.hafen"))
        };
        let image = Reference::parse(&format!("{registry}/a")).map_err(|_| wrong())?;
        if image.registry() != registry || image.path() != "a" {
            return Err(wrong());
        }
        Ok(Self { store: store.clone(), registry: registry.into(), limits, hashes: Arc::default() })
    }

    /// What clients write before the name of a repository: `hub.hafen`.
    pub fn registry(&self) -> &str {
        &self.registry
    }
}
