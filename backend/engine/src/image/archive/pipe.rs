//! Two threads share the work: one reads, decompresses and hashes, the other writes.
//! Either half is about as long as the other, so that it takes little more than half the time.

use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes that pass from one to the other at a time: enough that the hand-over costs nothing, and they stay in the
/// processor's cache.
const CHUNK: usize = 256 << 10;

/// Chunks on their way, so that neither waits for each of the other's files.
const AHEAD: usize = 8;

/// What was read.
#[derive(Debug)]
pub(super) struct Source {
    /// SHA-256 of it all, in hex.
    pub(super) digest: String,
    /// Bytes.
    pub(super) size: u64,
}

/// Has `write` read what `source` gives, on a thread of its own. It must read to the end, unless it fails.
pub(super) fn through<T: Send>(
    source: impl Read,
    most: u64,
    write: impl FnOnce(Chunks) -> Result<T> + Send,
) -> Result<(T, Source)> {
    std::thread::scope(|scope| {
        let (full, chunks) = sync_channel(AHEAD);
        let (spare, empty) = sync_channel(AHEAD + 2);
        let writer = std::thread::Builder::new()
            .name("unpack".to_owned())
            .spawn_scoped(scope, || write(Chunks { chunks, spare, current: Vec::new(), at: 0 }))
            .map_err(|e| Error::system(format!("No thread can be started to unpack an archive: {e}")))?;
        let (hash, size) = pass_on(source, most, full, &empty);
        let written = writer.join().map_err(|_| Error::system("The unpacking of an archive broke down."))?;
        Ok((written?, Source { digest: crate::image::digest::hex(&hash.finalize()), size }))
    })
}

/// What has been read, for the one who writes.
#[derive(Debug)]
pub(super) struct Chunks {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Where buffers go back to.
    spare: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.current.len()
            && let Ok(next) = self.chunks.recv()
        {
            // If nobody wants it back, it is freed.
            let _ = self.spare.try_send(std::mem::replace(&mut self.current, next?));
            self.at = 0;
        }
        Ok(&self.current[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = self.current.len().min(self.at + count);
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Until the source ends or fails, or nobody reads any more.
fn pass_on(
    mut source: impl Read,
    most: u64,
    full: SyncSender<io::Result<Vec<u8>>>,
    empty: &Receiver<Vec<u8>>,
) -> (Sha256, u64) {
    let mut hash = Sha256::new();
    let mut left = most;
    loop {
        let mut buffer = empty.try_recv().unwrap_or_default();
        buffer.resize(CHUNK, 0);
        let read = fill(&mut source, &mut buffer).and_then(|count| {
            buffer.truncate(count);
            left =
                left.checked_sub(count as u64).ok_or_else(|| io::Error::other("it is larger than an image may be"))?;
            Ok(count)
        });
        match read {
            Ok(0) => return (hash, most - left),
            Ok(_) => {
                hash.update(&buffer);
                if full.send(Ok(buffer)).is_err() {
                    return (hash, most - left);
                }
            }
            Err(error) => {
                // The one who writes says it; if there is none any more, it has said something else already.
                let _ = full.send(Err(error));
                return (hash, most - left);
            }
        }
    }
}

fn fill(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
