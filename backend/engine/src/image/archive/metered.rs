//! A reader that hashes what passes, and stops an archive that claims more than it may.

use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::io::{Error, Read, Result};
use std::rc::Rc;

/// Most bytes of headers, long names and extended attributes before one entry: they are held in memory.
const HEADERS: u64 = 1 << 20;

/// A tar ends with two blocks of zeros.
const END: u64 = 1024;

/// The shared view of a [`Metered`] reader, for whoever no longer has the reader itself.
#[derive(Debug, Clone)]
pub(super) struct Meter(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    hash: Sha256,
    /// Bytes of the archive so far.
    total: u64,
    /// Bytes that the whole archive may still have.
    left: u64,
    /// Bytes that may still come before an entry's data.
    headers: u64,
    /// Zeros at the end of what has been read.
    zeros: u64,
}

impl Meter {
    pub(super) fn new(limit: u64) -> Self {
        Self(Rc::new(RefCell::new(State { hash: Sha256::new(), total: 0, left: limit, headers: HEADERS, zeros: 0 })))
    }

    /// What is read from now on is headers, and held in memory.
    pub(super) fn expect_headers(&self) {
        self.0.borrow_mut().headers = HEADERS;
    }

    /// What is read from now on is data, and passes.
    pub(super) fn expect_data(&self) {
        self.0.borrow_mut().headers = u64::MAX;
    }

    pub(super) fn ends_with_zeros(&self) -> bool {
        self.0.borrow().zeros >= END
    }

    /// Bytes of all that has been read.
    pub(super) fn total(&self) -> u64 {
        self.0.borrow().total
    }

    /// Of all that has been read, in hex.
    pub(super) fn sha256(&self) -> String {
        crate::image::digest::hex(&self.0.borrow().hash.clone().finalize())
    }
}

/// See [`Meter`].
#[derive(Debug)]
pub(super) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R> Metered<R> {
    pub(super) fn new(inner: R, meter: Meter) -> Self {
        Self { inner, meter }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut state = self.meter.0.borrow_mut();
        let read = self.inner.read(buffer)?;
        let count = read as u64;
        state.left = state.left.checked_sub(count).ok_or_else(|| Error::other("it is larger than an image may be"))?;
        state.total += count;
        state.headers = state
            .headers
            .checked_sub(count)
            .ok_or_else(|| Error::other("the names and attributes of an entry are larger than an entry's may be"))?;
        let bytes = &buffer[..read];
        state.hash.update(bytes);
        let zeros = bytes.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        state.zeros = if zeros == count { state.zeros + zeros } else { zeros };
        Ok(read)
    }
}
