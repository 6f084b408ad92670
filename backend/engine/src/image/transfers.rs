//! How much of a host's images is in motion at a time.

use crate::{Error, Result};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Of each kind; more wait. A learner has one terminal, or two.
const MOST: usize = 4;

/// Each transfer takes a thread, and processors that others need, too. One may wait for another of another kind
/// (`docker save … | docker load`; a commit waits for the export of its container), so that these don't share their places.
#[derive(Debug)]
pub(crate) struct Transfers {
    incoming: Arc<Semaphore>,
    outgoing: Arc<Semaphore>,
    commits: Arc<Semaphore>,
}

impl Default for Transfers {
    fn default() -> Self {
        let places = || Arc::new(Semaphore::new(MOST));
        Self { incoming: places(), outgoing: places(), commits: places() }
    }
}

impl Transfers {
    /// Loading, importing.
    pub(crate) async fn incoming(&self) -> Result<OwnedSemaphorePermit> {
        turn(&self.incoming).await
    }

    /// Saving.
    pub(crate) async fn outgoing(&self) -> Result<OwnedSemaphorePermit> {
        turn(&self.outgoing).await
    }

    pub(crate) async fn commit(&self) -> Result<OwnedSemaphorePermit> {
        turn(&self.commits).await
    }
}

async fn turn(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    let permit = places.clone().acquire_owned().await;
    permit.map_err(|error| Error::system(format!("the virtual host is ending: {error}")))
}
