//! `<data>/blobs`: bytes under the name of their digest.

use super::{Store, digest, durable};
use crate::time::now;
use crate::{Error, Result};
use rusqlite::OptionalExtension;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// What is being written, and has no name until it is complete: a kill leaves nothing behind.
#[derive(Debug)]
pub struct NewBlob {
    file: File,
    hash: Sha256,
    size: u64,
}

/// A blob that is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// `sha256:…`
    pub digest: String,
    /// Bytes.
    pub size: u64,
}

impl Store {
    /// Begins a blob.
    ///
    /// # Errors
    /// The directory of blobs can't be written to.
    pub fn new_blob(&self) -> Result<NewBlob> {
        let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
        let file = rustix::fs::openat(CWD, &self.blobs, flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| Error::system(format!("No blob can be made in {}: {error}", self.blobs.display())))?;
        Ok(NewBlob { file: file.into(), hash: Sha256::new(), size: 0 })
    }

    /// Gives a blob its name; one that is there already stays. It is on the disk a moment later.
    ///
    /// # Errors
    /// It isn't what was expected, or the disk is full.
    pub fn keep_blob(&self, blob: NewBlob, expected: Option<&str>) -> Result<Blob> {
        let NewBlob { file, hash, size } = blob;
        let digest = format!("sha256:{}", hex::encode(hash.finalize()));
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(Error::invalid(format!("what came is not {expected}: its digest is {digest}")));
        }
        let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
        let blob = Blob { digest, size };
        self.name_blob(&blob, |path| rustix::fs::linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW))?;
        self.flusher.wake();
        Ok(blob)
    }

    /// Makes a blob of a file that has a name already, and loses it. Its bytes must have been checked. It is on the disk afterwards.
    ///
    /// # Errors
    /// The disk is full. The file may have its name or not then.
    pub(crate) fn keep_file(&self, blob: &Blob, name: &Path) -> Result<()> {
        self.name_blob(blob, |path| {
            let renamed = rustix::fs::renameat_with(CWD, name, CWD, path, RenameFlags::NOREPLACE);
            if renamed == Err(Errno::EXIST) { rustix::fs::unlink(name) } else { renamed }
        })?;
        let path = self.blob_path(&blob.digest);
        let cannot = |error: std::io::Error| Error::system(format!("{} can't be kept: {error}", path.display()));
        // Not `file`: another one may have had the name already.
        File::open(&path).and_then(|file| file.sync_data()).map_err(cannot)?;
        File::open(&self.blobs).and_then(|directory| directory.sync_all()).map_err(cannot)?;
        self.db.with(|connection| {
            connection.execute("UPDATE blobs SET unsynced = NULL WHERE digest = ?1", [&blob.digest])?;
            Ok(())
        })
    }

    /// The row first, then the name: a file without a row is nobody's.
    fn name_blob(&self, blob: &Blob, name: impl FnOnce(&Path) -> rustix::io::Result<()>) -> Result<()> {
        let path = self.blob_path(&blob.digest);
        let cannot = |error: std::io::Error| Error::system(format!("{} can't be kept: {error}", path.display()));
        let size = i64::try_from(blob.size).map_err(|_| Error::invalid("The blob is larger than any disk."))?;
        self.db.with(|connection| {
            connection.execute(
                "INSERT INTO blobs (digest, size, used, unsynced) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (digest) DO UPDATE SET used = excluded.used,
                 unsynced = iif(?5, blobs.unsynced, excluded.unsynced)",
                (&blob.digest, size, now(), durable::mark(), path.exists()),
            )?;
            Ok(())
        })?;
        match name(&path) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(cannot(error.into())),
        }
    }

    /// A blob, if it is there; it stays for a while, too.
    ///
    /// # Errors
    /// The database or the file can't be read.
    pub fn find_blob(&self, digest: &str) -> Result<Option<Blob>> {
        if !digest::is_sha256(digest) {
            return Ok(None);
        }
        let size: Option<i64> = self.db.with(|connection| {
            let update = "UPDATE blobs SET used = ?2 WHERE digest = ?1 RETURNING size";
            Ok(connection.query_row(update, (digest, now()), |row| row.get(0)).optional()?)
        })?;
        // A kill between the row and the name leaves a row only.
        let Some(size) = size.filter(|_| self.blob_path(digest).exists()) else { return Ok(None) };
        Ok(Some(Blob { digest: digest.to_owned(), size: size.unsigned_abs() }))
    }

    /// Opens a blob for reading.
    ///
    /// # Errors
    /// It isn't there.
    pub fn open_blob(&self, digest: &str) -> Result<File> {
        if !digest::is_sha256(digest) {
            return Err(Error::not_found(format!("{digest:.80?} is no digest of a blob")));
        }
        File::open(self.blob_path(digest)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found(format!("blob {digest} is not there")),
            _ => Error::system(format!("blob {digest} can't be read: {error}")),
        })
    }

    pub(super) fn blob_path(&self, digest: &str) -> PathBuf {
        self.blobs.join(digest.trim_start_matches("sha256:"))
    }
}

impl NewBlob {
    /// Bytes that it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// To read what was written so far.
    ///
    /// # Errors
    /// There is no descriptor left.
    pub fn reader(&self) -> std::io::Result<File> {
        // Not a duplicate, which would share the position.
        File::open(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }
}

impl Write for NewBlob {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
