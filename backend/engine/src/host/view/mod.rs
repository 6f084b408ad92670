//! A view of something that changes, made once for all who look, and by nobody when nobody does.

use crate::Result;
use crate::event::Event;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::sync::{Mutex, watch};

/// `docker run` alone makes half a dozen events: they are looked at as one change.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// What there is to see, and what tells that it has changed.
pub(crate) trait Source<T>: Send + Sync + 'static {
    /// What happens from now on.
    fn changes(&self) -> Receiver<Event>;

    /// What is there after `events`, of which `old` knows nothing yet.
    fn look(self: &Arc<Self>, old: T, events: &[Event]) -> impl Future<Output = Result<T>> + Send;

    /// Waits until nothing changes any more.
    fn over(&self) -> impl Future<Output = ()> + Send;
}

/// Where readers find the one who looks for all of them.
#[derive(Debug)]
pub(crate) struct View<T>(Arc<Mutex<Option<watch::Sender<T>>>>);

impl<T> Default for View<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// A reader of a view.
#[derive(Debug)]
pub struct Observer<T>(watch::Receiver<T>);

impl<T: Clone> Observer<T> {
    /// What is there now at first, then the newest after each change. `None` when there will be no more.
    pub async fn next(&mut self) -> Option<T> {
        self.0.changed().await.ok()?;
        Some(self.0.borrow_and_update().clone())
    }

    fn of(making: &watch::Sender<T>) -> Self {
        let mut receiver = making.subscribe();
        receiver.mark_changed();
        Self(receiver)
    }
}

impl<T: Clone + Default + PartialEq + Send + Sync + 'static> View<T> {
    /// One more reader. The first waits for a first look.
    ///
    /// # Errors
    /// That look fails.
    pub(crate) async fn observe(&self, source: Arc<impl Source<T>>) -> Result<Observer<T>> {
        let mut making = self.0.lock().await;
        if let Some(making) = &*making {
            return Ok(Observer::of(making));
        }
        // Before the look: nothing that happens meanwhile is missed.
        let changes = source.changes();
        let sender = making.insert(watch::Sender::new(source.look(T::default(), &[]).await?));
        let observer = Observer::of(sender);
        tokio::spawn(keep(self.0.clone(), sender.clone(), changes, source));
        Ok(observer)
    }
}

/// Keeps a view true for as long as somebody looks.
async fn keep<T: Clone + PartialEq>(
    place: Arc<Mutex<Option<watch::Sender<T>>>>,
    sender: watch::Sender<T>,
    mut changes: Receiver<Event>,
    source: Arc<impl Source<T>>,
) {
    loop {
        let mut events = Vec::new();
        let is_over = tokio::select! {
            event = changes.recv() => {
                events.extend(event);
                tokio::time::sleep(DEBOUNCE).await;
                false
            }
            () = source.over() => true,
            () = sender.closed() => {
                let mut place = place.lock().await;
                // Somebody may have come while this waited for the lock.
                if sender.receiver_count() == 0 {
                    *place = None;
                    return;
                }
                continue;
            }
        };
        while let Ok(event) = changes.try_recv() {
            events.push(event);
        }
        let old = sender.borrow().clone();
        match source.look(old, &events).await {
            Ok(now) => {
                sender.send_if_modified(|old| {
                    let has_changed = *old != now;
                    *old = now;
                    has_changed
                });
            }
            Err(error) => tracing::warn!(%error, "what is on a virtual host can't be read"),
        }
        if is_over {
            *place.lock().await = None;
            return;
        }
    }
}

#[cfg(test)]
mod tests;
