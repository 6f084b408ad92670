//! For whom an image comes: a virtual host, or the machine's catalogue.

use super::Downloads;
use crate::store::{Image, Names, Owner, Reference, Store};
use crate::{Error, ErrorKind, Result};
use archive::Limits;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(crate) store: Arc<Store>,
    pub(crate) downloads: Arc<Downloads>,
    pub(crate) owner: Owner,
    /// Bytes that the host's images may take beyond the catalogue's; `None`: as much as there is.
    pub(crate) bound: Option<u64>,
}

impl Destination {
    pub(crate) fn catalogue(store: Arc<Store>, downloads: Arc<Downloads>) -> Self {
        Self { store, downloads, owner: Owner::Catalogue, bound: None }
    }

    /// What a layer that comes in may be at most: what a host's images take beyond the catalogue's has the same bound as its disk,
    /// beside which they lie.
    pub(crate) fn layer_limits(&self) -> Result<Limits> {
        let Some(bound) = self.bound else { return Ok(Limits::default()) };
        let left = bound.saturating_sub(self.store.own_size(&self.owner)?);
        if left == 0 {
            return Err(Error::new(
                ErrorKind::System,
                format!(
                    "no space left: the images of this host take {} MB, which is the most that they may. Remove some (docker rmi, \
                     docker image prune)",
                    bound / 1_000_000
                ),
            ));
        }
        let limits = Limits::default();
        Ok(Limits { bytes: limits.bytes.min(left), ..limits })
    }

    pub(crate) fn image(&self, name: &Reference) -> Option<Image> {
        self.store.image(&self.owner, &name.to_string()).ok()
    }

    /// Registers an image whose layers are there.
    pub(crate) async fn take_in(
        &self,
        document: Vec<u8>,
        tags: Vec<Reference>,
        digests: Vec<Reference>,
    ) -> Result<Image> {
        let (store, owner) = (self.store.clone(), self.owner.clone());
        let registered = tokio::task::spawn_blocking(move || {
            store.register(&owner, &document, &Names { tags: &tags, digests: &digests, ..Names::default() })
        });
        registered.await.map_err(|error| Error::system(format!("the image can't be registered: {error}")))?
    }
}
