//! Three threads share the work: one reads and decompresses, one writes, one hashes. Each takes as long as another, so that two
//! processors are busy to the end.

use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes that pass from one to the other at a time: enough that the hand-over costs nothing, and they stay in the
/// processor's cache.
const CHUNK: usize = 256 << 10;

/// Chunks on their way, so that neither waits for each of the other's files.
const AHEAD: usize = 8;

/// Chunks that wait to be hashed: that takes the same for all.
const BEHIND: usize = 4;

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
        let (used, written) = sync_channel(BEHIND);
        // Those on their way, and one in each hand.
        let (spare, empty) = sync_channel(AHEAD + BEHIND + 3);
        let cannot = |e: io::Error| Error::system(format!("No thread can be started to unpack an archive: {e}"));
        let writer = std::thread::Builder::new()
            .name("unpack".to_owned())
            .spawn_scoped(scope, || write(Chunks { chunks, used, current: Vec::new(), at: 0 }))
            .map_err(cannot)?;
        let hasher = std::thread::Builder::new()
            .name("hash".to_owned())
            .spawn_scoped(scope, || hash(written, spare))
            .map_err(cannot)?;
        let size = pass_on(source, most, full, &empty);
        let broken = |_| Error::system("The unpacking of an archive broke down.");
        let written = writer.join().map_err(broken)?;
        let digest = hasher.join().map_err(broken)?;
        Ok((written?, Source { digest, size }))
    })
}

/// What has been read, for the one who writes.
#[derive(Debug)]
pub(super) struct Chunks {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Where they go afterwards.
    used: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.current.len()
            && let Ok(next) = self.chunks.recv()
        {
            let used = std::mem::replace(&mut self.current, next?);
            self.at = 0;
            self.pass_on(used);
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

impl Chunks {
    fn pass_on(&self, used: Vec<u8>) {
        // Whoever hashes does so until this ends.
        let _ = self.used.send(used);
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        let last = std::mem::take(&mut self.current);
        self.pass_on(last);
    }
}

/// SHA-256 in hex of what has been written.
fn hash(written: Receiver<Vec<u8>>, spare: SyncSender<Vec<u8>>) -> String {
    let mut hash = Sha256::new();
    for chunk in written {
        hash.update(&chunk);
        // If nobody wants it back, it is freed.
        let _ = spare.try_send(chunk);
    }
    hex::encode(hash.finalize())
}

/// Until the source ends or fails, or nobody reads any more. Answers how many bytes it had.
fn pass_on(mut source: impl Read, most: u64, full: SyncSender<io::Result<Vec<u8>>>, empty: &Receiver<Vec<u8>>) -> u64 {
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
            Ok(0) => return most - left,
            Ok(_) => {
                if full.send(Ok(buffer)).is_err() {
                    return most - left;
                }
            }
            Err(error) => {
                // The one who writes says it; if there is none any more, it has said something else already.
                let _ = full.send(Err(error));
                return most - left;
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
