//! Ends an archive that has no end.

use std::io::{Error, Read, Result};

/// Bytes of a whole archive, uncompressed. What a host may write is bounded elsewhere.
const ARCHIVE: u64 = 256 << 30;

/// Fails once more has been read than any archive may have.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, left: ARCHIVE }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.inner.read(buffer)?;
        let too_large = || Error::other(archive::Error::too_large("the archive is larger than any may be"));
        self.left = self.left.checked_sub(read as u64).ok_or_else(too_large)?;
        Ok(read)
    }
}
