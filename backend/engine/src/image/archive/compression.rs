//! Layers come as they are or compressed. Which it is, their first bytes say, as for Docker; what a registry says of them
//! isn't asked. Both decoders are in this process: none is ever looked for in an image (CVE-2026-41567).

use super::limits::Limits;
use crate::{Error, Result};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that tell the kind of any.
const MAGIC: u64 = 10;

/// What Docker would take, or an archiver write. For bzip2 more than its `BZh`, which a file's name can begin with.
const OTHERS: [(&[u8], usize, &[u8], &str); 4] = [
    (b"BZh", 4, b"1AY&SY", "bzip2"),
    (b"\xfd7zXZ\0", 0, b"", "xz"),
    (b"\x04\x22\x4d\x18", 0, b"", "lz4"),
    (b"\x1f\x9d", 0, b"", "compress"),
];

/// Highest power of 2 that a zstd stream may have us look back, in bytes: 128 MiB, which `zstd -d` allows without being
/// asked, and which every level of `zstd` stays within unless it is told `--long=28` or more. As much memory can one pull
/// take, if its bytes really are that many.
const WINDOW_LOG: u32 = 27;

/// Read from the source at a time.
const BUFFER: usize = 128 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// A layer's tar. It can be read until the compressed source ends, all of which has been read then, too: what follows the
/// compressed stream is an error, unless it is another such stream, as it is for Go's decoders.
pub(in crate::image) struct Decompressed<R: Read> {
    pub(in crate::image) compression: Compression,
    decoder: Decoder<R>,
    compressed: Arc<AtomicU64>,
    uncompressed: u64,
    limits: Limits,
}

/// Finds out how a layer is compressed. The limits are those of what comes out; see [`Limits::ratio`].
///
/// # Errors
/// The source can't be read, or is compressed in a way that is not known here.
pub(in crate::image) fn decompress<R: Read>(mut source: R, limits: Limits) -> Result<Decompressed<R>> {
    let mut beginning = Vec::new();
    let read = source.by_ref().take(MAGIC).read_to_end(&mut beginning);
    read.map_err(|e| Error::invalid(format!("The archive can't be read: {e}.")))?;
    if let Some(name) = other(&beginning) {
        return Err(Error::invalid(format!(
            "The archive is compressed with {name}, which is not supported: layers may be compressed with gzip or zstd."
        )));
    }
    let compression = Compression::of(&beginning);
    let compressed = Arc::new(AtomicU64::new(0));
    let source = Counted { inner: Cursor::new(beginning).chain(source), count: compressed.clone() };
    let source = BufReader::with_capacity(BUFFER, source);
    let decoder = match compression {
        Compression::None => Decoder::None(source),
        Compression::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(source))),
        Compression::Zstd => {
            let cannot = |e: io::Error| Error::system(format!("The archive can't be decompressed: {e}."));
            let mut decoder = zstd::stream::read::Decoder::with_buffer(source).map_err(cannot)?;
            decoder.window_log_max(WINDOW_LOG).map_err(cannot)?;
            Decoder::Zstd(decoder)
        }
    };
    Ok(Decompressed { compression, decoder, compressed, uncompressed: 0, limits })
}

/// Whether what begins so is compressed, in one of the ways that are known here or another.
pub(in crate::image) fn is_compressed(beginning: &[u8]) -> bool {
    Compression::of(beginning) != Compression::None || other(beginning).is_some()
}

/// The name of a compression that isn't read here.
fn other(beginning: &[u8]) -> Option<&'static str> {
    let found = OTHERS.iter().find(|(magic, offset, more, _)| {
        beginning.starts_with(magic) && beginning.get(*offset..).is_some_and(|rest| rest.starts_with(more))
    });
    found.map(|(.., name)| *name)
}

impl Compression {
    /// What the first bytes of an archive say.
    pub(in crate::image) fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A frame that is to be skipped, which only zstd has at its beginning.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }
}

enum Decoder<R: Read> {
    None(BufReader<Counted<R>>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<R>>>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<Counted<R>>>),
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, name) = match &mut self.decoder {
            Decoder::None(source) => return source.read(buffer),
            Decoder::Gzip(decoder) => (decoder.read(buffer), "gzip"),
            Decoder::Zstd(decoder) => (decoder.read(buffer), "zstd"),
        };
        let count =
            read.map_err(|e| io::Error::new(e.kind(), format!("its {name} stream is damaged or cut off: {e}")))?;
        self.uncompressed += count as u64;
        let most = self
            .limits
            .unsuspicious
            .saturating_add(self.compressed.load(Ordering::Relaxed).saturating_mul(self.limits.ratio));
        if self.uncompressed > most {
            return Err(io::Error::other(format!(
                "it grows to more than {} times its size, which nothing but an attack does",
                self.limits.ratio
            )));
        }
        Ok(count)
    }
}

impl<R: Read> std::fmt::Debug for Decompressed<R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Decompressed").field("compression", &self.compression).finish_non_exhaustive()
    }
}

struct Counted<R> {
    inner: Chain<Cursor<Vec<u8>>, R>,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
