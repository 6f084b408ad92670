//! One thing after the other, for each of many things.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// A lock for every name that somebody wants one for.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<String, Weak<Turn<()>>>>);

impl Turns {
    /// Waits until nobody else has the turn of that name, and takes it.
    pub(crate) async fn take(&self, name: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.0.lock();
            turns.retain(|_, turn| turn.strong_count() > 0);
            turns.get(name).and_then(Weak::upgrade).unwrap_or_else(|| {
                let turn = Arc::default();
                turns.insert(name.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn each_name_has_a_turn_of_its_own() {
        let turns = Turns::default();
        let ada = turns.take("ada").await;
        let _ben = turns.take("ben").await;
        let mut next = Box::pin(turns.take("ada"));
        assert!((&mut next).now_or_never().is_none());
        drop(ada);
        drop(next.await);
        assert_eq!(turns.0.lock().len(), 2, "what is over is forgotten by the next");
        drop(turns.take("eve").await);
        assert_eq!(turns.0.lock().len(), 2);
    }
}
