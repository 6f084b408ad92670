//! How a layer's tar is compressed.

use super::blob::NewBlob;
use crate::{Error, Result};
use std::io::{self, BufReader, Read, Write};

/// In the order of how quickly each is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Compression {
    None,
    Zstd,
    Gzip,
}

/// A window that a decoder must hold: 128 MiB, the most that `zstd -d` takes without being asked, and Docker.
const LARGEST_WINDOW_LOG: u32 = 27;

/// Fast, and small enough for what is kept beside the unpacked files.
const LEVEL: i32 = 1;

impl Compression {
    /// By the first bytes, as Docker does: what a media type says is not always so.
    ///
    /// # Errors
    /// It is of a kind that isn't read here.
    pub(crate) fn of(beginning: &[u8]) -> Result<Self> {
        let other = |name: &str| {
            Err(Error::invalid(format!("The layer is compressed with {name}; what is read here are gzip and zstd.")))
        };
        match beginning {
            [0x1f, 0x8b, 0x08, ..] => Ok(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Self::Zstd),
            // A skippable frame, as estargz's sister zstd:chunked begins with.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => other("xz"),
            [b'B', b'Z', b'h', ..] => other("bzip2"),
            [0x04, 0x22, 0x4d, 0x18, ..] => other("lz4"),
            _ => Ok(Self::None),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::None, Self::Zstd, Self::Gzip].into_iter().find(|compression| compression.name() == name)
    }

    /// What is read comes out uncompressed.
    pub(crate) fn reader<R: Read>(self, source: R) -> io::Result<Decoder<R>> {
        Ok(match self {
            Self::None => Decoder::None(source),
            Self::Gzip => Decoder::Gzip(Box::new(flate2::read::MultiGzDecoder::new(source))),
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(source)?;
                decoder.window_log_max(LARGEST_WINDOW_LOG)?;
                Decoder::Zstd(decoder)
            }
        })
    }
}

/// See [`Compression::reader`].
pub(crate) enum Decoder<R: Read> {
    None(R),
    Gzip(Box<flate2::read::MultiGzDecoder<R>>),
    Zstd(zstd::stream::read::Decoder<'static, BufReader<R>>),
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::None(source) => source.read(buffer),
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// A blob that is compressed while it is written.
pub(super) struct Packed(zstd::stream::write::Encoder<'static, NewBlob>);

impl Packed {
    pub(super) const COMPRESSION: Compression = Compression::Zstd;

    pub(super) fn new(blob: NewBlob) -> io::Result<Self> {
        Ok(Self(zstd::stream::write::Encoder::new(blob, LEVEL)?))
    }

    pub(super) fn finish(self) -> io::Result<NewBlob> {
        self.0.finish()
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
