//! The size of a terminal that several look at: of who types last; when that one goes, of who typed before.

use super::{Fanout, Size};

/// What a viewer is told of the terminal's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shared {
    pub(crate) size: Size,
    /// Whether it is what this viewer asked for, because it typed last.
    pub(crate) leads: bool,
}

/// The sizes that viewers have room for; who typed last is at the end.
#[derive(Debug, Default)]
pub(super) struct Sizes(Vec<(u64, Size)>);

impl Sizes {
    /// Of the viewer that typed last; `None` without viewers.
    fn wanted(&self) -> Option<Size> {
        self.0.last().map(|&(_, size)| size)
    }

    fn is_led_by(&self, viewer: u64) -> bool {
        self.0.last().is_some_and(|&(last, _)| last == viewer)
    }
}

impl Fanout {
    /// A viewer has room for that much: one that is new comes behind all others.
    pub(crate) fn resize(&self, viewer: u64, size: Size) {
        let mut state = self.lock();
        match state.sizes.0.iter_mut().find(|(known, _)| *known == viewer) {
            Some((_, known)) => *known = size,
            None => state.sizes.0.insert(0, (viewer, size)),
        }
        self.settle(&state.sizes);
    }

    /// A viewer types: from now on its size counts.
    pub(crate) fn led_by(&self, viewer: u64) {
        let mut state = self.lock();
        if !state.sizes.is_led_by(viewer)
            && let Some(index) = state.sizes.0.iter().position(|(known, _)| *known == viewer)
        {
            let wish = state.sizes.0.remove(index);
            state.sizes.0.push(wish);
            self.settle(&state.sizes);
        }
    }

    /// A viewer has gone.
    pub(super) fn left_by(&self, viewer: u64) {
        let mut state = self.lock();
        state.sizes.0.retain(|(known, _)| *known != viewer);
        self.settle(&state.sizes);
    }

    /// What a viewer is to know of the size; `None` if it has not said what it has room for.
    pub(super) fn shared_with(&self, viewer: u64, sizes: &Sizes) -> Option<Shared> {
        let known = sizes.0.iter().any(|(known, _)| *known == viewer);
        known.then(|| Shared { size: *self.size.borrow(), leads: sizes.is_led_by(viewer) })
    }

    fn settle(&self, sizes: &Sizes) {
        if let Some(wanted) = sizes.wanted() {
            self.size.send_if_modified(|size| std::mem::replace(size, wanted) != wanted);
        }
        self.changed.send_replace(());
    }
}
