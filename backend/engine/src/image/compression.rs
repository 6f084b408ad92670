//! How a layer's blob is compressed.

pub(crate) use super::archive::Compression;
use super::blob::NewBlob;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Fast, and small enough for what is kept beside the unpacked files.
const LEVEL: i32 = 1;

/// In the order of how quickly each is read.
const ALL: [(Compression, &str); 3] =
    [(Compression::None, "none"), (Compression::Zstd, "zstd"), (Compression::Gzip, "gzip")];

impl Compression {
    /// As the database has it.
    pub(crate) fn name(self) -> &'static str {
        ALL.iter().find(|(compression, _)| *compression == self).map_or("", |(_, name)| name)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, own)| *own == name).map(|(compression, _)| *compression)
    }

    /// The less the sooner it is read.
    pub(crate) fn cost(self) -> usize {
        ALL.iter().position(|(compression, _)| *compression == self).unwrap_or(ALL.len())
    }
}

/// Bytes that pass to the thread that compresses at a time.
const CHUNK: usize = 256 << 10;
/// Chunks on their way to it.
const AHEAD: usize = 8;

/// A blob that is compressed while it is written, on a thread of its own: that takes as long as everything else that is done with
/// a layer's bytes.
pub(super) struct Packed {
    chunk: Vec<u8>,
    /// Until the end.
    chunks: Option<SyncSender<Vec<u8>>>,
    /// Until it has been asked how it went.
    worker: Option<JoinHandle<io::Result<NewBlob>>>,
}

impl Packed {
    pub(super) const COMPRESSION: Compression = Compression::Zstd;

    pub(super) fn new(blob: NewBlob) -> io::Result<Self> {
        let (chunks, coming) = sync_channel::<Vec<u8>>(AHEAD);
        let compress = move || {
            let mut encoder = zstd::stream::write::Encoder::new(blob, LEVEL)?;
            for chunk in coming {
                encoder.write_all(&chunk)?;
            }
            encoder.finish()
        };
        let worker = std::thread::Builder::new().name("compress".to_owned()).spawn(compress)?;
        Ok(Self { chunk: Vec::new(), chunks: Some(chunks), worker: Some(worker) })
    }

    pub(super) fn finish(mut self) -> io::Result<NewBlob> {
        self.pass_on()?;
        self.outcome()
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        match self.chunks.as_ref().is_some_and(|chunks| chunks.send(chunk).is_ok()) {
            true => Ok(()),
            false => self.outcome().and(Err(broken())),
        }
    }

    /// Waits until the other thread is through.
    fn outcome(&mut self) -> io::Result<NewBlob> {
        drop(self.chunks.take());
        let worker = self.worker.take().ok_or_else(broken)?;
        worker.join().map_err(|_| broken())?
    }
}

fn broken() -> io::Error {
    io::Error::other("the layer's archive could not be written")
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
