//! How a layer's blob is compressed.

use super::Store;
use super::blob::NewBlob;
use crate::{Error, Result};
pub(crate) use archive::Compression;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use zstd::stream::write::Encoder;

/// Fast, and small enough for what is kept beside the unpacked files.
const LEVEL: i32 = 1;

/// Bytes that pass to the other thread at a time.
const CHUNK: usize = 256 << 10;
/// Chunks on their way to it.
const AHEAD: usize = 8;

/// Bytes of a tar up to which it is kept as it is: compressing it would take longer than all else that is done with a commit's bytes.
const SMALL: u64 = 16 << 20;

/// A blob of a tar, written by a thread of its own: that takes as long as everything else that is done with a layer's bytes. It is
/// compressed unless it is small.
pub(super) struct Packed {
    chunk: Vec<u8>,
    /// Until the end.
    chunks: Option<SyncSender<Vec<u8>>>,
    /// Where buffers come back from.
    spare: Receiver<Vec<u8>>,
    /// Until it has been asked how it went.
    worker: Option<JoinHandle<Result<(NewBlob, Compression)>>>,
}

/// What the other thread writes to.
enum Target {
    AsItIs(NewBlob),
    Zstd(Encoder<'static, NewBlob>),
}

impl Packed {
    pub(super) fn new(store: Store) -> Result<Self> {
        let (chunks, coming) = sync_channel::<Vec<u8>>(AHEAD);
        let (used, spare) = sync_channel(AHEAD + 2);
        let write = move || {
            let mut target = Target::AsItIs(store.new_blob()?);
            for mut chunk in coming {
                target = target.write(&chunk, &store)?;
                chunk.clear();
                // If nobody wants it back, it is freed.
                let _ = used.try_send(chunk);
            }
            target.finish()
        };
        let worker = std::thread::Builder::new().name("compress".to_owned()).spawn(write);
        let worker = worker.map_err(cannot)?;
        Ok(Self { chunk: Vec::new(), chunks: Some(chunks), spare, worker: Some(worker) })
    }

    pub(super) fn finish(mut self) -> Result<(NewBlob, Compression)> {
        self.pass_on().map_err(cannot)?;
        self.outcome()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let next = self.spare.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK));
        let chunk = std::mem::replace(&mut self.chunk, next);
        match self.chunks.as_ref().is_some_and(|chunks| chunks.send(chunk).is_ok()) {
            true => Ok(()),
            false => self.outcome().map_err(io::Error::other).and(Err(broken())),
        }
    }

    /// Waits until the other thread is through.
    fn outcome(&mut self) -> Result<(NewBlob, Compression)> {
        drop(self.chunks.take());
        let worker = self.worker.take().ok_or_else(|| cannot(broken()))?;
        worker.join().map_err(|_| cannot(broken()))?
    }
}

impl Target {
    fn write(self, bytes: &[u8], store: &Store) -> Result<Self> {
        match self {
            Self::AsItIs(mut blob) if blob.size() + bytes.len() as u64 <= SMALL => {
                blob.write_all(bytes).map_err(cannot)?;
                Ok(Self::AsItIs(blob))
            }
            Self::AsItIs(small) => {
                let mut encoder = Encoder::new(store.new_blob()?, LEVEL).map_err(cannot)?;
                small.reader().and_then(|mut before| io::copy(&mut before, &mut encoder)).map_err(cannot)?;
                Self::Zstd(encoder).write(bytes, store)
            }
            Self::Zstd(mut encoder) => {
                encoder.write_all(bytes).map_err(cannot)?;
                Ok(Self::Zstd(encoder))
            }
        }
    }

    fn finish(self) -> Result<(NewBlob, Compression)> {
        match self {
            Self::AsItIs(blob) => Ok((blob, Compression::None)),
            Self::Zstd(encoder) => Ok((encoder.finish().map_err(cannot)?, Compression::Zstd)),
        }
    }
}

fn cannot(error: io::Error) -> Error {
    Error::system(format!("the layer's archive can't be written: {error}"))
}

fn broken() -> io::Error {
    io::Error::other("its thread has ended")
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..length]);
        if self.chunk.len() == CHUNK {
            self.pass_on()?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()
    }
}
