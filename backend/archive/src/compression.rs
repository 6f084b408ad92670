//! Layers come as they are or compressed. Which it is, their first bytes say, as for Docker; what a registry says of them
//! isn't asked. All decoders are in this process: none is ever looked for in an image (CVE-2026-41567).

use crate::error::{Error, Result};
use crate::limits::Limits;
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that tell the kind of any.
const MAGIC: u64 = 10;

/// What an archiver may have written, and neither Docker nor this reads.
const OTHERS: [(&[u8], &str); 2] = [(b"\x04\x22\x4d\x18", "lz4"), (b"\x1f\x9d", "compress")];

/// Highest power of 2 that a stream may have us look back, in bytes: 128 MiB, which `zstd -d` allows without being
/// asked, and which every level of `zstd` stays within unless it is told `--long=28` or more; those of `xz` look back 64 MiB at
/// most. As much memory can one pull take, if its bytes really are that many. (gzip looks back 32 KiB, bzip2 takes 4 MiB.)
const WINDOW_LOG: u32 = 27;

/// In KiB, with what an xz decoder has beside its window.
const MOST_OF_XZ: u32 = (1 << (WINDOW_LOG - 10)) + 1024;

/// Read from the source at a time.
const BUFFER: usize = 128 << 10;

/// In the order of how quickly each is read.
const ALL: [(Compression, &str); 5] = [
    (Compression::None, "none"),
    (Compression::Zstd, "zstd"),
    (Compression::Gzip, "gzip"),
    (Compression::Xz, "xz"),
    (Compression::Bzip2, "bzip2"),
];

/// How an archive is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// A layer's tar. It can be read until the compressed source ends, all of which has been read then, too: what follows the
/// compressed stream is an error, unless it is another such stream, as it is for Go's decoders.
pub struct Decompressed<R: Read> {
    pub compression: Compression,
    decoder: Decoder<R>,
    compressed: Arc<AtomicU64>,
    uncompressed: u64,
    limits: Limits,
}

/// Finds out how a layer is compressed. The limits are those of what comes out; see [`Limits::ratio`].
///
/// # Errors
/// The source can't be read, or is compressed in a way that is not known here.
pub fn decompress<R: Read>(source: R, limits: Limits) -> Result<Decompressed<R>> {
    let (beginning, inner) = look(source)?;
    if let Some(name) = other(&beginning) {
        return Err(Error::invalid(format!(
            "The archive is compressed with {name}, which is not supported: gzip, zstd, bzip2 and xz are."
        )));
    }
    let compression = Compression::of(&beginning);
    let compressed = Arc::new(AtomicU64::new(0));
    let source = Counted { inner, count: compressed.clone() };
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
        Compression::Bzip2 => Decoder::Bzip2(MultiBzDecoder::new(source)),
        Compression::Xz => Decoder::Xz(Box::new(XzReader::new_mem_limit(source, true, MOST_OF_XZ))),
    };
    Ok(Decompressed { compression, decoder, compressed, uncompressed: 0, limits })
}

/// As many bytes as tell how a source is compressed, and the source from its beginning.
///
/// # Errors
/// It can't be read.
pub fn look<R: Read>(mut source: R) -> Result<(Vec<u8>, Whole<R>)> {
    let mut beginning = Vec::new();
    let read = source.by_ref().take(MAGIC).read_to_end(&mut beginning);
    read.map_err(|e| Error::invalid(format!("The archive can't be read: {e}.")))?;
    Ok((beginning.clone(), Cursor::new(beginning).chain(source)))
}

/// A source of which the beginning was looked at, from there.
pub type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// Whether what begins so is compressed, in one of the ways that are known here or another.
pub fn is_compressed(beginning: &[u8]) -> bool {
    Compression::of(beginning) != Compression::None || other(beginning).is_some()
}

/// The name of a compression that isn't read here.
fn other(beginning: &[u8]) -> Option<&'static str> {
    OTHERS.iter().find(|(magic, _)| beginning.starts_with(magic)).map(|(_, name)| *name)
}

impl Compression {
    /// What the first bytes of an archive say.
    pub fn of(beginning: &[u8]) -> Self {
        match beginning {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            // A frame that is to be skipped, which only zstd has at its beginning.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            // More than its `BZh`, which a file's name can begin with: a block, or the end of what is empty.
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ => Self::None,
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(compression, _)| *compression == self).map_or("", |(_, name)| name)
    }

    /// The one of that [`name`](Self::name).
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, own)| *own == name).map(|(compression, _)| *compression)
    }

    /// Compares: the less, the quicker it is read.
    pub fn cost(self) -> usize {
        ALL.iter().position(|(compression, _)| *compression == self).unwrap_or(ALL.len())
    }
}

enum Decoder<R: Read> {
    None(BufReader<Counted<R>>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<R>>>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<Counted<R>>>),
    Bzip2(MultiBzDecoder<BufReader<Counted<R>>>),
    Xz(Box<XzReader<BufReader<Counted<R>>>>),
}

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (read, name) = match &mut self.decoder {
            Decoder::None(source) => return source.read(buffer),
            Decoder::Gzip(decoder) => (decoder.read(buffer), "gzip"),
            Decoder::Zstd(decoder) => (decoder.read(buffer), "zstd"),
            Decoder::Bzip2(decoder) => (decoder.read(buffer), "bzip2"),
            // Without any room, nothing read would be taken for the end of a block.
            Decoder::Xz(_) if buffer.is_empty() => return Ok(0),
            Decoder::Xz(decoder) => (decoder.read(buffer), "xz"),
        };
        let count = read.map_err(|e| {
            let why = match e.kind() {
                io::ErrorKind::OutOfMemory => "wants more memory than is given to any",
                _ => "is damaged or cut off",
            };
            io::Error::new(e.kind(), format!("its {name} stream {why}: {e}"))
        })?;
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
    inner: Whole<R>,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
