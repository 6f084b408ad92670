//! A reader that stops an archive that claims more than it may: names are held in memory before anybody looks at them.

use std::cell::Cell;
use std::io::{Error, Read, Result};
use std::rc::Rc;

/// Bytes of headers, long names and attributes before one entry.
const HEADERS: u64 = 1 << 20;
/// Bytes of a whole archive, uncompressed. What a host may write is bounded elsewhere; this ends what has no end.
const ARCHIVE: u64 = 256 << 30;

/// Shared with a [`Metered`] reader.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    left: Rc<Cell<u64>>,
    headers: Rc<Cell<u64>>,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self { left: Rc::new(Cell::new(ARCHIVE)), headers: Rc::new(Cell::new(HEADERS)) }
    }

    /// What is read from now on is headers, and held in memory.
    pub(super) fn expect_headers(&self) {
        self.headers.set(HEADERS);
    }

    /// What is read from now on is data, and passes.
    pub(super) fn expect_data(&self) {
        self.headers.set(u64::MAX);
    }
}

/// See [`Meter`].
#[derive(Debug)]
pub(super) struct Metered<R> {
    pub(super) inner: R,
    pub(super) meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        let take = |cell: &Cell<u64>, why| {
            cell.set(cell.get().checked_sub(read as u64).ok_or_else(|| Error::other(why))?);
            Ok::<_, Error>(())
        };
        take(&self.meter.left, "the archive is larger than any may be")?;
        take(&self.meter.headers, "the name and attributes of an entry are longer than any may be")?;
        Ok(read)
    }
}
