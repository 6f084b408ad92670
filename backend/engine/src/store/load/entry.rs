//! What an archive's entries are: their paths, and what their beginnings say.

use crate::{Error, Result};
use archive::{BLOCK, Entries, is_compressed, is_header};
use std::io::{self, BufRead, Read};

/// Tells how much has been read.
pub(super) struct Counted<R, F> {
    pub(super) inner: R,
    pub(super) count: u64,
    pub(super) tell: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        if read > 0 {
            (self.tell)(self.count);
        }
        Ok(read)
    }
}

/// An entry's path, from the archive's root.
pub(super) fn path(bytes: &[u8]) -> Result<String> {
    let given = String::from_utf8_lossy(bytes);
    let names: Vec<&str> = given.split('/').filter(|name| !matches!(*name, "" | ".")).collect();
    if names.contains(&"..") {
        return Err(Error::invalid(format!("the archive's entry {given:.200} leads out of it")));
    }
    Ok(names.join("/"))
}

/// Whether a file that begins so is a tar, compressed or not.
pub(super) fn is_tar(beginning: &[u8]) -> bool {
    if is_compressed(beginning) {
        return true;
    }
    let Ok(block) = <&[u8; BLOCK]>::try_from(beginning) else { return false };
    // An empty one is nothing but its end mark.
    block.iter().all(|byte| *byte == 0) || is_header(block)
}

/// What a layer is called while it comes: the beginning of what the archive calls it.
pub(super) fn short(path: &str) -> String {
    let name = path.rsplit('/').find(|name| *name != "layer.tar").unwrap_or(path);
    name.chars().take(12).collect()
}

pub(super) fn broken(error: io::Error) -> Error {
    error.downcast().unwrap_or_else(|error| Error::invalid(format!("the archive can't be read: {error}")))
}

/// The data of the archive's present entry.
pub(super) struct Data<'a, R>(pub(super) &'a mut Entries<R>);

impl<R: BufRead> Read for Data<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let chunk = self.0.chunk().map_err(|error| io::Error::other(Error::from(error)))?;
        let length = chunk.len().min(buffer.len());
        buffer[..length].copy_from_slice(&chunk[..length]);
        self.0.consume(length);
        Ok(length)
    }
}
