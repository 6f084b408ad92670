//! How much of an archive may be read, all in all and between two entries.

use std::cell::Cell;
use std::io::{Error, Read, Result};
use std::rc::Rc;

/// Most bytes of heads, long names and attributes before an entry's content: they are held in memory.
const HEADS: u64 = 1 << 20;

/// A reader that stops what claims too much.
pub(super) struct Metered<R> {
    inner: R,
    left: u64,
    heads: Heads,
}

/// What may still come before an entry's content.
#[derive(Clone)]
pub(super) struct Heads(Rc<Cell<u64>>);

impl Heads {
    /// What is read from now on is heads.
    pub(super) fn expect(&self) {
        self.0.set(HEADS);
    }

    /// What is read from now on passes.
    pub(super) fn are_over(&self) {
        self.0.set(u64::MAX);
    }
}

impl<R> Metered<R> {
    pub(super) fn new(inner: R, most: u64) -> (Self, Heads) {
        let heads = Heads(Rc::new(Cell::new(HEADS)));
        (Self { inner, left: most, heads: heads.clone() }, heads)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        let larger = || Error::other("the archive is larger than images may be");
        self.left = self.left.checked_sub(read as u64).ok_or_else(larger)?;
        let long = || Error::other("an entry's name and attributes are larger than any may be");
        self.heads.0.set(self.heads.0.get().checked_sub(read as u64).ok_or_else(long)?);
        Ok(read)
    }
}
