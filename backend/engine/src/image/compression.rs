//! How a layer's blob is compressed.

pub(crate) use super::archive::Compression;
use super::blob::NewBlob;
use std::io::{self, Write};

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
