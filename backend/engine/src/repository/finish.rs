//! An upload becomes a blob.

use super::append::Appending;
use super::names::check_digest;
use super::{Fault, Repositories, Result};
use crate::store::Blob;
use sha2::{Digest, Sha256};
use std::io::{Read, Seek, SeekFrom};

const BUFFER: usize = 256 << 10;

impl Appending {
    /// Makes what has come a blob of the repository. Reads it again if its hash isn't known, as after a restart.
    ///
    /// # Errors
    /// It isn't what `expected` says, or the registry is full: the upload is given up then. The digest is none: it stays.
    pub fn finish(mut self, expected: &str) -> Result<Blob> {
        check_digest(expected)?;
        let kept = self.keep(expected);
        // As nobody can go on with what turned out wrong.
        let forgotten = self.repositories.forget_upload(&self.id);
        self.hash = None;
        let blob = kept?;
        forgotten?;
        Ok(blob)
    }

    fn keep(&mut self, expected: &str) -> Result<Blob> {
        let hash = match self.hash.take() {
            Some(hash) => hash,
            None => self.read_again()?,
        };
        let digest = format!("sha256:{}", hex::encode(hash.finalize()));
        if digest != expected {
            return Err(Fault::DigestWrong { expected: expected.to_owned(), actual: digest });
        }
        let blob = Blob { digest, size: self.size };
        let repositories = &self.repositories;
        repositories.read(|connection| repositories.check_room(connection, &blob))?;
        repositories.store.keep_file(&blob, &repositories.upload_path(&self.id))?;
        repositories.change(|connection| {
            // Others may have finished meanwhile.
            repositories.check_room(connection, &blob)?;
            repositories.give_blob(connection, &self.repository, &blob.digest)
        })?;
        Ok(blob)
    }

    fn read_again(&mut self) -> Result<Sha256> {
        let cannot = |error| Fault::io("the upload can't be read", error);
        self.file.seek(SeekFrom::Start(0)).map_err(cannot)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; BUFFER];
        loop {
            match self.file.read(&mut buffer).map_err(cannot)? {
                0 => return Ok(hash),
                read => hash.update(&buffer[..read]),
            }
        }
    }
}

impl Repositories {
    /// Errors: a blob that the registry doesn't have yet is larger than its room.
    fn check_room(&self, connection: &rusqlite::Connection, blob: &Blob) -> Result<()> {
        let is_here = connection
            .prepare_cached(
                "SELECT 1 FROM repository_blobs JOIN repositories ON id = repository WHERE registry = ?1 AND blob = ?2",
            )?
            .exists([&*self.registry, &blob.digest])?;
        if is_here || blob.size <= self.room(connection)? { Ok(()) } else { Err(self.is_full()) }
    }
}
