//! What is on a virtual host: one picture of it, shared by all who look.

use super::VirtualHost;
use super::view::{Observer, Source};
use crate::Result;
use crate::blocking::blocking;
use crate::container::{Container, ListOptions};
use crate::event::Event;
use crate::id::ImageId;
use crate::image::{ImageFilter, ImageSummary};
use crate::network::{Network, NetworkFilter};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;

/// What is there at one moment. What hasn't changed since the picture before is the same in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Newest first.
    pub containers: Vec<Arc<Container>>,
    /// Newest first, also those that others were made of.
    pub images: Vec<Arc<ImageSummary>>,
    /// Ids of the images that a new host could have, too.
    pub shared_images: Arc<HashSet<ImageId>>,
    pub networks: Vec<Arc<Network>>,
}

impl VirtualHost {
    /// Looks at what is on the host, and goes on looking for as long as the observer is there. However many observers there are, each
    /// change is looked at once.
    ///
    /// # Errors
    /// The database can't be read.
    pub async fn observe(self: &Arc<Self>) -> Result<Observer<Observed>> {
        self.view.observe(self.clone()).await
    }
}

impl Source<Observed> for VirtualHost {
    fn changes(&self) -> Receiver<Event> {
        self.events.subscribe().1
    }

    async fn look(self: &Arc<Self>, old: Observed, events: &[Event]) -> Result<Observed> {
        let everything = ListOptions { all: true, ..ListOptions::default() };
        let (images, shared_images) = if events.is_empty() || events.iter().any(concerns_images) {
            let host = self.clone();
            blocking("looking at images", move || {
                let everything = ImageFilter { all: true, ..ImageFilter::default() };
                Ok((host.images(&everything)?, host.shared_images()?))
            })
            .await
            .map(|(images, shared)| (share(&old.images, images), Arc::new(shared)))?
        } else {
            (old.images, old.shared_images)
        };
        Ok(Observed {
            containers: self.containers(&everything)?,
            images,
            shared_images,
            networks: share(&old.networks, self.networks(&NetworkFilter::default())),
        })
    }

    async fn over(&self) {
        self.ended().await;
    }
}

/// Whether images, or how many containers are made of each, are others after it.
fn concerns_images(event: &Event) -> bool {
    event.kind == "image" || matches!(event.action.as_str(), "create" | "destroy")
}

/// What is new, and in place of what isn't what was there before.
fn share<T: PartialEq>(old: &[Arc<T>], new: Vec<T>) -> Vec<Arc<T>> {
    let kept = |new: T| old.iter().find(|old| ***old == new).cloned().unwrap_or_else(|| Arc::new(new));
    new.into_iter().map(kept).collect()
}
