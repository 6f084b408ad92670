//! Fetches images for everybody: into the machine's catalogue.

use super::{Destination, Downloads, ProgressStream, Pull, Registries, RegistryConfig};
use crate::store::{Image, Platform, Progress, Reference, Store};
use crate::{Error, Result};
use std::sync::Arc;

/// Pulls into the catalogue, from this machine's own network.
#[derive(Debug, Clone)]
pub struct Provider {
    store: Arc<Store>,
    downloads: Arc<Downloads>,
    registries: Arc<Registries>,
}

impl Provider {
    /// For whoever has no engine.
    ///
    /// # Errors
    /// The configuration names what is no registry.
    pub fn new(store: Store, config: &RegistryConfig) -> Result<Self> {
        let registries = Arc::new(Registries::new(config, true)?);
        Ok(Self::of(Arc::new(store), Arc::default(), registries))
    }

    pub(crate) fn of(store: Arc<Store>, downloads: Arc<Downloads>, registries: Arc<Registries>) -> Self {
        Self { store, downloads, registries }
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
        let repository = self.registries.repository(&name, None, None)?;
        let to = Destination::catalogue(self.store.clone(), self.downloads.clone());
        let wanted = name.clone();
        let platform = (&Platform::of_machine()).into();
        let outage = self.registries.outage.clone();
        let mut lines = ProgressStream::of(async move |reporter| {
            Pull { to, repository, name: wanted, platform, outage, reporter }.one().await.map(drop)
        });
        while let Some(line) = lines.next().await {
            look(&line?);
        }
        let there = self.store.image(crate::store::CATALOGUE, &name.to_string());
        there.map_err(|error| Error { message: format!("{name} did not come: {}", error.message), ..error })
    }
}
