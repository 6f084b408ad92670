//! Virtual hosts that have begun before anybody is there who needs them: a room that joins at once finds them.

use parking_lot::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::watch;

/// What hosts are called until somebody has them. A session's host can be called so, too.
pub(crate) const HOSTNAME: &str = "lernhafen";

/// The ids of hosts that wait, and whether somebody came.
#[derive(Debug, Default)]
pub(super) struct Ready {
    waiting: Mutex<VecDeque<String>>,
    /// Counts those who came or went.
    moves: watch::Sender<u64>,
}

impl Ready {
    /// The host that has waited longest; it belongs to the caller now.
    pub(super) fn take(&self) -> Option<String> {
        let taken = self.waiting().pop_front();
        self.stir();
        taken
    }

    pub(super) fn add(&self, host: String) {
        self.waiting().push_back(host);
    }

    pub(super) fn count(&self) -> usize {
        self.waiting().len()
    }

    /// Somebody came or went: the number of hosts that have to wait may be another.
    pub(super) fn stir(&self) {
        self.moves.send_modify(|moves| *moves = moves.wrapping_add(1));
    }

    pub(super) fn moves(&self) -> watch::Receiver<u64> {
        self.moves.subscribe()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.waiting.lock()
    }
}

/// Waits until nobody has come or gone for so long. Whoever comes needs the processors more than what is only ahead.
pub(crate) async fn quiet(moves: &mut watch::Receiver<u64>, time: Duration) {
    // The sender lives as long as the hosts, and they longer than who waits.
    while let Ok(Ok(())) = tokio::time::timeout(time, moves.changed()).await {}
}
