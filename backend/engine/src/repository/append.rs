//! Bytes are added to an upload.

use super::{Fault, Repositories, Result};
use parking_lot::Mutex;
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write;

/// How many bytes are written before it is looked again whether there is room: others write, too.
const BETWEEN_LOOKS: u64 = 16 << 20;
const MOST_HASHES: usize = 4096;

/// An upload that is being written to. Others can't meanwhile. What was written stays when it is dropped.
#[derive(Debug)]
pub struct Appending {
    pub(super) repositories: Repositories,
    pub(super) repository: String,
    pub(super) id: String,
    pub(super) file: File,
    pub(super) size: u64,
    /// Of the first `size` bytes; `None`: nobody knows, they came before a restart.
    pub(super) hash: Option<Sha256>,
    /// Bytes that may be written before it is looked again.
    allowance: u64,
}

/// Hashes of what uploads have, so that it need not be read again. Nothing is lost with them.
#[derive(Debug, Default)]
pub(super) struct Hashes(Mutex<HashMap<String, (u64, Sha256)>>);

impl Repositories {
    /// Goes on with an upload. With `offset`, only if it has exactly so many bytes.
    ///
    /// # Errors
    /// There is no such upload, another request is at it, or it has another size.
    pub fn append(&self, repository: &str, id: &str, offset: Option<u64>) -> Result<Appending> {
        self.check_upload(repository, id)?;
        let file = self.open_upload(id, OFlags::empty())?;
        let size = file.metadata().map_err(|error| Fault::io("an upload can't be looked at", error))?.len();
        if offset.is_some_and(|offset| offset != size) {
            return Err(Fault::OutOfOrder { size });
        }
        let hash = if size == 0 { Some(Sha256::new()) } else { self.hashes.take(id, size) };
        Ok(Appending {
            repositories: self.clone(),
            repository: repository.to_owned(),
            id: id.to_owned(),
            file,
            size,
            hash,
            allowance: 0,
        })
    }
}

impl Appending {
    /// Bytes that the upload has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// The registry or the disk is full. What was written before stays.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let length = bytes.len() as u64;
        if self.allowance < length {
            let on_its_way = self.repositories.uploads_size()?;
            let room = self.repositories.read(|connection| self.repositories.room(connection))?;
            self.allowance = room.saturating_sub(on_its_way).min(BETWEEN_LOOKS.max(length));
            if self.allowance < length {
                return Err(self.repositories.is_full());
            }
        }
        self.allowance -= length;
        let written = self.file.write_all(bytes);
        if let Err(error) = written {
            // How much of it has arrived?
            self.hash = None;
            self.size = self.file.metadata().map_or(self.size, |data| data.len());
            return Err(Fault::io("the upload can't be written", error));
        }
        self.size += length;
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        Ok(())
    }

    /// Takes back what was written beyond the first `size` bytes.
    ///
    /// # Errors
    /// The disk does not answer.
    pub fn take_back(&mut self, size: u64) -> Result<()> {
        self.hash = None;
        self.file.set_len(size).map_err(|error| Fault::io("an upload can't be cut", error))?;
        self.size = size;
        Ok(())
    }
}

impl Drop for Appending {
    fn drop(&mut self) {
        if let Some(hash) = self.hash.take() {
            self.repositories.hashes.keep(&self.id, self.size, hash);
        }
    }
}

impl Hashes {
    pub(super) fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    fn take(&self, id: &str, size: u64) -> Option<Sha256> {
        let (hashed, hash) = self.lock().remove(id)?;
        (hashed == size).then_some(hash)
    }

    fn keep(&self, id: &str, size: u64, hash: Sha256) {
        let mut hashes = self.lock();
        // Of uploads that were swept. Those that are needed can be made again.
        if hashes.len() >= MOST_HASHES {
            hashes.clear();
        }
        hashes.insert(id.to_owned(), (size, hash));
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, HashMap<String, (u64, Sha256)>> {
        self.0.lock()
    }
}
