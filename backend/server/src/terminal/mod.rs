//! A learner's terminals: one shell each, watched by any number of tabs.

mod fanout;
mod front;
mod input;
mod lines;
mod place;
mod ring;
mod shells;
mod sizes;
mod viewer;

pub(crate) use fanout::Fanout;
pub(crate) use front::Said;
pub(crate) use lines::Press;
pub(crate) use shells::{Shells, Size};
pub(crate) use sizes::Shared;
pub(crate) use viewer::{View, Viewer};

use parking_lot::{Mutex, MutexGuard};
use protocol::message::MAX_TERMINALS;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The terminals of one virtual host. Dropping them ends the fanouts; the shells themselves stay.
pub(crate) struct Terminals {
    shells: Arc<dyn Shells>,
    /// `None`: nobody has looked at it yet.
    open: Mutex<BTreeMap<u8, Option<Open>>>,
    /// The keys of `open`.
    numbers: watch::Sender<Vec<u8>>,
}

struct Open {
    fanout: Arc<Fanout>,
    task: AbortHandle,
}

impl Terminals {
    /// Those whose shells run; at least one.
    pub(crate) fn new(shells: Arc<dyn Shells>, running: &[u8]) -> Self {
        let known = running.iter().copied().filter(|&number| number < MAX_TERMINALS);
        let mut open: BTreeMap<u8, Option<Open>> = known.map(|number| (number, None)).collect();
        if open.is_empty() {
            open.insert(0, None);
        }
        let numbers = watch::Sender::new(open.keys().copied().collect());
        Self { shells, open: Mutex::new(open), numbers }
    }

    /// The numbers of those that there are, in order, and changes of them.
    pub(crate) fn numbers(&self) -> watch::Receiver<Vec<u8>> {
        self.numbers.subscribe()
    }

    /// The terminal of that number, made if it isn't there; `None` if there can't be one of that number.
    pub(crate) fn open(&self, terminal: u8, size: Size) -> Option<Arc<Fanout>> {
        if terminal >= MAX_TERMINALS {
            return None;
        }
        let mut open = self.lock();
        let fanout = open
            .entry(terminal)
            .or_default()
            .get_or_insert_with(|| {
                let fanout = Fanout::new(size);
                let task = tokio::spawn(fanout.clone().run(self.shells.clone(), terminal)).abort_handle();
                Open { fanout, task }
            })
            .fanout
            .clone();
        self.tell(&open);
        Some(fanout)
    }

    /// What runs in a terminal beside its shell.
    pub(crate) async fn commands(&self, terminal: u8) -> engine::Result<Vec<String>> {
        self.shells.commands(terminal).await
    }

    /// Ends a terminal and what runs in it. The last one stays.
    pub(crate) async fn close(&self, terminal: u8) -> engine::Result<()> {
        {
            let mut open = self.lock();
            if open.len() <= 1 || open.remove(&terminal).is_none() {
                return Ok(());
            }
            self.tell(&open);
        }
        self.shells.end(terminal).await
    }

    /// Ends what runs in a terminal; it gets a new shell.
    pub(crate) async fn restart(&self, terminal: u8) -> engine::Result<()> {
        self.shells.end(terminal).await?;
        if let Some(Some(open)) = self.lock().get(&terminal) {
            open.fanout.try_again();
        }
        Ok(())
    }

    fn tell(&self, open: &BTreeMap<u8, Option<Open>>) {
        self.numbers.send_if_modified(|numbers| {
            let now: Vec<u8> = open.keys().copied().collect();
            std::mem::replace(numbers, now.clone()) != now
        });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u8, Option<Open>>> {
        self.open.lock()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.task.abort();
        self.fanout.close();
    }
}

impl std::fmt::Debug for Terminals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminals").finish_non_exhaustive()
    }
}
