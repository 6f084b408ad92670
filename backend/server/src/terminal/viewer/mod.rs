//! One viewer of a terminal: a tab, or a screen reader's, or the instructor's.

use super::fanout::{Phase, Position, State};
use super::{Fanout, Shared};
use protocol::message::WINDOW;
use std::sync::Arc;
use tokio::sync::watch;

/// Bytes in one frame.
const MAX_FRAME: usize = 32 * 1024;

/// What a viewer sees next.
#[derive(Debug)]
pub(crate) enum View {
    /// Begin with an empty screen; so many bytes of what follows are old.
    Opened {
        replay: u64,
    },
    Bytes(Vec<u8>),
    /// What comes from now on is drawn for that size.
    Size(Shared),
    /// No shell can be begun, and why. Something comes after it if one is tried again.
    Failed(Arc<engine::Error>),
    /// The terminal is gone: nothing comes after it.
    Closed,
}

/// Reads a terminal at its own pace. The terminal waits for the fastest viewer; one that falls behind begins again.
#[derive(Debug)]
pub(crate) struct Viewer {
    fanout: Arc<Fanout>,
    id: u64,
    /// Which shell it watches; 0 before the first.
    shell: u64,
    /// What it knows of the size.
    sized: Option<Shared>,
    /// What it knows of why no shell can be begun.
    told: Option<Arc<engine::Error>>,
    changed: watch::Receiver<()>,
}

impl Viewer {
    pub(crate) fn new(fanout: Arc<Fanout>) -> Self {
        let changed = fanout.changed.subscribe();
        let id = {
            let mut state = fanout.lock();
            state.next_viewer += 1;
            state.next_viewer
        };
        Self { fanout, id, shell: 0, sized: None, told: None, changed }
    }

    /// What [`Fanout::drawn`] knows it by.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Waits for what is to be seen next. May be dropped while it waits.
    pub(crate) async fn next(&mut self) -> View {
        loop {
            self.changed.mark_unchanged();
            if let Some(view) = self.step() {
                return view;
            }
            if self.changed.changed().await.is_err() {
                return View::Closed;
            }
        }
    }

    fn step(&mut self) -> Option<View> {
        let mut guard = self.fanout.lock();
        let State { phase, ring, shell, viewers, sizes, .. } = &mut *guard;
        match phase {
            Phase::Starting => return None,
            Phase::Failed(error) => {
                let known = self.told.replace(error.clone()).is_some_and(|known| Arc::ptr_eq(&known, error));
                return (!known).then(|| View::Failed(error.clone()));
            }
            Phase::Closed => return Some(View::Closed),
            Phase::Running => {}
        }
        let position =
            viewers.get_mut(&self.id).filter(|position| self.shell == *shell && position.sent >= ring.start());
        let Some(position) = position else {
            let origin = ring.clean_start();
            viewers.insert(self.id, Position { origin, sent: origin, drawn: origin });
            self.shell = *shell;
            self.fanout.front.look();
            return Some(View::Opened { replay: ring.end() - origin });
        };
        let shared = self.fanout.shared_with(self.id, sizes);
        if shared.is_some() && self.sized != shared {
            self.sized = shared;
            return shared.map(View::Size);
        }
        let room = (position.drawn + WINDOW as u64).saturating_sub(position.sent);
        let bytes = ring.read(position.sent, MAX_FRAME.min(room as usize));
        position.sent += bytes.len() as u64;
        (!bytes.is_empty()).then_some(View::Bytes(bytes))
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.fanout.lock().viewers.remove(&self.id);
        self.fanout.left_by(self.id);
    }
}

impl Fanout {
    /// A viewer has drawn so many bytes since it was [`View::Opened`].
    pub(crate) fn drawn(&self, viewer: u64, bytes: u64) {
        if let Some(position) = self.lock().viewers.get_mut(&viewer) {
            // A late word on what was before the last `Opened` says too much: no more was drawn than was sent.
            let drawn = position.origin.saturating_add(bytes).min(position.sent);
            position.drawn = position.drawn.max(drawn);
        }
        self.changed.send_replace(());
    }
}

#[cfg(test)]
mod tests;
