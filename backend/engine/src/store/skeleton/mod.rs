//! What a layer's archive has beside the contents of files: heads, padding, the end. With the unpacked layer it gives the archive
//! again, byte for byte. So a commit writes what a container has changed once, and not twice (Docker's tar-split is for the same).
//!
//! A skeleton is a row of records, compressed with zstd: a kind, a length in 8 bytes (little-endian), and then bytes of the archive, or
//! the length of a path in 2 bytes and the path of the file in the layer whose content comes here.

use super::blob::NewBlob;
use super::{Store, unfinished};
use crate::{Error, Result};
use rusqlite::OptionalExtension;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

const BYTES: u8 = 0;
const CONTENT: u8 = 1;

/// As for archives: fast, and heads are alike.
const LEVEL: i32 = 1;

/// Compressed bytes up to which a skeleton is kept in memory, and in the database: tens of thousands of files.
const SMALL: usize = 1 << 20;

/// Bytes of the archive that are put into one record.
const RECORD: usize = 64 << 10;

/// A skeleton in the making.
pub(super) struct Recorder {
    encoder: Encoder<'static, Spool>,
    /// What belongs into the next record.
    bytes: Vec<u8>,
}

/// Where it goes.
pub(super) enum Spool {
    Memory {
        bytes: Vec<u8>,
        store: Store,
    },
    /// It is larger than [`SMALL`].
    File(NewBlob),
}

impl Recorder {
    pub(super) fn new(store: Store) -> io::Result<Self> {
        Ok(Self { encoder: Encoder::new(Spool::Memory { bytes: Vec::new(), store }, LEVEL)?, bytes: Vec::new() })
    }

    /// Bytes that come next in the archive.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() >= RECORD { self.write_bytes() } else { Ok(()) }
    }

    /// The content of the file that the layer has at `path` comes next.
    pub(super) fn content(&mut self, path: &[u8], size: u64) -> io::Result<()> {
        self.write_bytes()?;
        let length = u16::try_from(path.len()).map_err(|_| damaged("a path in it is too long"))?;
        self.head(CONTENT, size)?;
        self.encoder.write_all(&length.to_le_bytes())?;
        self.encoder.write_all(path)
    }

    pub(super) fn finish(mut self) -> io::Result<Spool> {
        self.write_bytes()?;
        self.encoder.finish()
    }

    fn write_bytes(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        if !bytes.is_empty() {
            self.head(BYTES, bytes.len() as u64)?;
            self.encoder.write_all(&bytes)?;
        }
        Ok(())
    }

    fn head(&mut self, kind: u8, length: u64) -> io::Result<()> {
        self.encoder.write_all(&[kind])?;
        self.encoder.write_all(&length.to_le_bytes())
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Write for Spool {
    fn write(&mut self, new: &[u8]) -> io::Result<usize> {
        if let Self::Memory { bytes, store } = self {
            if bytes.len() + new.len() <= SMALL {
                bytes.extend_from_slice(new);
                return Ok(new.len());
            }
            let mut file = store.new_blob().map_err(io::Error::other)?;
            file.write_all(bytes)?;
            *self = Self::File(file);
        }
        match self {
            Self::File(file) => file.write(new),
            Self::Memory { .. } => Ok(0),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive, of its skeleton and the layer's directory.
pub(super) struct Archive<R: Read> {
    records: Decoder<'static, io::BufReader<R>>,
    layer: OwnedFd,
    /// Bytes of the record that are left.
    left: u64,
    /// What they are read from, if they are a file's.
    content: Option<File>,
}

impl<R: Read> Archive<R> {
    /// # Errors
    /// There is no memory for it.
    pub(super) fn new(skeleton: R, layer: OwnedFd) -> io::Result<Self> {
        Ok(Self { records: Decoder::new(skeleton)?, layer, left: 0, content: None })
    }

    /// Goes to the next record; `false`: there is none.
    fn next_record(&mut self) -> io::Result<bool> {
        let mut kind = [0];
        if self.records.read(&mut kind)? == 0 {
            return Ok(false);
        }
        let mut length = [0; 8];
        self.records.read_exact(&mut length)?;
        self.left = u64::from_le_bytes(length);
        self.content = match kind {
            [BYTES] => None,
            [CONTENT] => {
                let mut length = [0; 2];
                self.records.read_exact(&mut length)?;
                let mut path = vec![0; usize::from(u16::from_le_bytes(length))];
                self.records.read_exact(&mut path)?;
                Some(self.open(&path)?)
            }
            _ => return Err(damaged("a record of it is of no kind")),
        };
        Ok(true)
    }

    fn open(&self, path: &[u8]) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        let file = openat2(&self.layer, path, flags, Mode::empty(), resolve)?;
        Ok(file.into())
    }
}

impl<R: Read> Read for Archive<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            if !self.next_record()? {
                return Ok(0);
            }
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let read = match &mut self.content {
            Some(file) => file.read(&mut buffer[..most])?,
            None => self.records.read(&mut buffer[..most])?,
        };
        if read == 0 && most > 0 {
            return Err(damaged("a file of the layer is shorter than it was"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// Whether a layer has a skeleton in the database.
pub(super) fn is_kept(store: &Store, diff_id: &str) -> Result<bool> {
    store.db.read(|connection| {
        let mut query =
            connection.prepare_cached("SELECT 1 FROM layers WHERE diff_id = ?1 AND skeleton IS NOT NULL")?;
        Ok(query.exists([diff_id])?)
    })
}

/// The archive of a layer that has a skeleton in the database; `None` if it has none.
pub(super) fn open(store: &Store, diff_id: &str) -> Result<Option<Archive<io::Cursor<Vec<u8>>>>> {
    let skeleton: Option<Vec<u8>> = store.db.read(|connection| {
        let mut query = connection.prepare_cached("SELECT skeleton FROM layers WHERE diff_id = ?1")?;
        Ok(query.query_row([diff_id], |row| row.get(0)).optional()?.flatten())
    })?;
    let Some(skeleton) = skeleton else { return Ok(None) };
    let cannot = |error: io::Error| Error::system(format!("layer {diff_id} can't be read: {error}"));
    let layer = unfinished::open(&store.layer_path(diff_id)).map_err(|error| cannot(error.into()))?;
    Archive::new(io::Cursor::new(skeleton), layer).map(Some).map_err(cannot)
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("the layer's archive can't be put together: {what}"))
}

#[cfg(test)]
mod tests;
