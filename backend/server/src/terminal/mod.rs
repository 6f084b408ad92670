//! A learner's terminals: one shell each, watched by any number of tabs.

mod hub;
mod input;
mod ring;
mod shells;
mod sizes;
mod viewer;

pub(crate) use hub::Hub;
pub(crate) use shells::{Shells, Size};
pub(crate) use sizes::Shared;
pub(crate) use viewer::{View, Viewer};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::AbortHandle;

/// Terminals that a virtual host may have at once. They are numbered from 0.
const MAX_TERMINALS: u8 = 8;

/// The terminals of one virtual host. Dropping them ends the hubs; the shells themselves stay.
pub(crate) struct Terminals {
    shells: Arc<dyn Shells>,
    open: Mutex<HashMap<u8, Open>>,
}

struct Open {
    hub: Arc<Hub>,
    task: AbortHandle,
}

impl Terminals {
    pub(crate) fn new(shells: Arc<dyn Shells>) -> Self {
        Self { shells, open: Mutex::default() }
    }

    /// The terminal of that number, begun if it isn't there; `None` if there can't be one of that number.
    pub(crate) fn open(&self, terminal: u8, size: Size) -> Option<Arc<Hub>> {
        if terminal >= MAX_TERMINALS {
            return None;
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let open = open.entry(terminal).or_insert_with(|| {
            let hub = Hub::new(size);
            let task = tokio::spawn(hub.clone().run(self.shells.clone(), terminal)).abort_handle();
            Open { hub, task }
        });
        Some(open.hub.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
        self.hub.fail("the virtual host has ended");
    }
}

impl std::fmt::Debug for Terminals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminals").finish_non_exhaustive()
    }
}
