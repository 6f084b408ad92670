//! What an archive may ask for.

/// What an archive may ask for before it is refused. The defaults are several times what the largest images have.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Also the number of directories that paths imply: one path can ask for hundreds.
    pub entries: u64,
    /// Bytes of what it unpacks to, with the holes of sparse files, as `cp` might fill them.
    pub bytes: u64,
    /// Bytes of the archive itself, uncompressed.
    pub archive: u64,
    /// Bytes of all its paths together.
    pub paths: usize,
    /// Extended attributes of one entry.
    pub xattrs: usize,
    /// Names that are looked up behind the archive's own links: for one directory they can be 80,000.
    pub links: u64,
    /// Uncompressed bytes for a compressed one, beyond [`Self::unsuspicious`].
    ///
    /// Programs and texts shrink to a half or a tenth, logs to a hundredth; gzip can't do better than 1,032, which
    /// needs nothing but zeros, and zstd 30,000. An image that exists for a file of zeros (`dd` in a lesson on the size
    /// of layers) mostly stays below what is unsuspicious.
    pub ratio: u64,
    /// Bytes for which the ratio does not matter: no disk is filled with them.
    pub unsuspicious: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 1_000_000,
            bytes: 32 << 30,
            archive: 33 << 30,
            paths: 128 << 20,
            xattrs: 64,
            links: 5_000_000,
            ratio: 200,
            unsuspicious: 1 << 30,
        }
    }
}
