//! Fetches images for everybody: into the machine's catalogue.

use super::{Caller, Destination, Downloads, ProgressStream, Pull, Registries, RegistryConfig};
use crate::store::{Image, Platform, Progress, Reference, Store};
use crate::{Error, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Pulls into the catalogue, from this machine's own network.
#[derive(Debug, Clone)]
pub struct Provider {
    store: Arc<Store>,
    downloads: Arc<Downloads>,
    registries: Arc<Registries>,
    caller: Caller,
}

impl Provider {
    /// For whoever has no engine. It may speak to the `private` registries though they are in a private network.
    ///
    /// # Errors
    /// The configuration names what is no registry.
    pub fn new(store: Arc<Store>, config: &RegistryConfig, private: BTreeSet<String>) -> Result<Self> {
        let registries = Arc::new(Registries::new(config)?);
        Ok(Self::of(store, Arc::default(), registries, private))
    }

    pub(crate) fn of(
        store: Arc<Store>,
        downloads: Arc<Downloads>,
        registries: Arc<Registries>,
        private: BTreeSet<String>,
    ) -> Self {
        Self { store, downloads, registries, caller: Caller::Machine { private } }
    }

    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Fetches an image. `look` sees each line of progress.
    ///
    /// # Errors
    /// The name is none, or no registry has it or can be reached.
    pub async fn pull(&self, name: &str, mut look: impl FnMut(&Progress)) -> Result<Image> {
        let name = Reference::parse(name)?;
        let repository = self.registries.repository(&name, None, &self.caller)?;
        let to = Destination::catalogue(self.store.clone(), self.downloads.clone());
        let wanted = name.clone();
        let platform = (&Platform::of_machine()).into();
        let outage = self.registries.outage(&self.caller).clone();
        let mut lines = ProgressStream::of(async move |reporter| {
            Pull { to, repository, name: wanted, platform, outage, reporter }.one().await.map(drop)
        });
        while let Some(line) = lines.next().await {
            look(&line?);
        }
        let there = self.store.image(&crate::store::Owner::Catalogue, &name.to_string());
        there.map_err(|error| Error { message: format!("{name} did not come: {}", error.message), ..error })
    }
}
