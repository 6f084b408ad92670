//! The machine's own registries: repositories over the store of images, as the OCI distribution specification means them.
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
pub use names::check_registry;
pub use push::Pushed;
pub use referrers::Referrer;

use crate::store::Store;
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
    /// Those of [`check_registry`].
    pub fn open(store: &Store, registry: &str, limits: RegistryLimits) -> crate::Result<Self> {
        check_registry(registry)?;
        Ok(Self { store: store.clone(), registry: registry.into(), limits, hashes: Arc::default() })
    }

    /// What clients write before the name of a repository: `hub.hafen`.
    pub fn registry(&self) -> &str {
        &self.registry
    }
}
