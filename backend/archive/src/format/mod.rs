//! The tar format: from bytes to entries, just as Go's `archive/tar` sees them, as that is what Docker reads layers with.
//! Two readers that see different entries in one archive are an attack of their own (CVE-2025-62518), so where Go is
//! more lenient than an honest archive needs, this is an error.
//!
//! Nothing is believed before it is checked, and nothing that is held in memory is without bound.

mod header;
mod number;
mod pax;
mod sparse;

use crate::error::{Error, ErrorKind, Result};
use header::{Block, Format};
use pax::Records;
use rustix::fs::Timespec;
use std::collections::BTreeMap;
use std::io::{self, BufRead};

pub use header::BLOCK;
pub use sparse::{Region, Sparse};

/// Bytes of a long name, or of an entry's records. As in Go.
const LONGEST_RECORDS: u64 = 1 << 20;

/// What an archive says of one entry. Nothing of it is checked but for its form.
#[derive(Debug)]
pub struct Entry {
    pub kind: Kind,
    pub name: Vec<u8>,
    /// Where a link leads.
    pub link: Vec<u8>,
    pub mode: i64,
    pub user: i64,
    pub group: i64,
    pub modified: Timespec,
    pub xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Bytes that the archive has of it, all of which [`Entries::chunk`] gives.
    pub stored: u64,
    /// Only files are.
    pub sparse: Option<Sparse>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    Symlink,
    HardLink,
    Fifo,
    Device,
    Other(u8),
}

/// The entries of an archive, one after another.
#[derive(Debug)]
pub struct Entries<R> {
    input: R,
    /// Of the present entry's data, what hasn't been read.
    left: u64,
    /// What fills up its last block.
    padding: u64,
}

impl<R: BufRead> Entries<R> {
    pub fn new(input: R) -> Self {
        Self { input, left: 0, padding: 0 }
    }

    /// The next entry; what hasn't been read of the one before is skipped. `None` after two blocks of zeros, and where
    /// the archive ends between two entries: Go takes that for an end, and there are images that end so.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator could not lend its input to whoever reads the entry's data"
    )]
    pub fn next(&mut self) -> Result<Option<Entry>> {
        let mut records: Option<Records> = None;
        let (mut long_name, mut long_link) = (None, None);
        loop {
            let Some((block, format)) = self.header()? else {
                return match (&records, &long_name, &long_link) {
                    (None, None, None) => Ok(None),
                    _ => Err(unreadable("it ends before the entry that a long name or records are for")),
                };
            };
            // Two for the same entry: some readers take the first, others the last.
            match block.flag() {
                b'x' if records.is_none() => records = Some(Records::parse(&self.special(&block)?)?),
                b'L' if long_name.is_none() => long_name = Some(text(&self.special(&block)?).to_vec()),
                b'K' if long_link.is_none() => long_link = Some(text(&self.special(&block)?).to_vec()),
                b'x' | b'L' | b'K' => return Err(unreadable("one of its entries has two names or sets of records")),
                // Read, so that it has to be right, and ignored, as in Docker. What comes before it Go forgets with it.
                b'g' if records.is_none() && long_name.is_none() && long_link.is_none() => {
                    drop(Records::parse(&self.special(&block)?)?);
                }
                b'g' => return Err(unreadable("a name or records in it are for no entry")),
                _ => {
                    let (name, link) = (long_name.unwrap_or_default(), long_link.unwrap_or_default());
                    return self.entry(&block, format, records.unwrap_or_default(), name, link).map(Some);
                }
            }
        }
    }

    /// More of the present entry's data, of which `consume` says how much is done with; empty at its end.
    pub fn chunk(&mut self) -> Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let bytes = fill(&mut self.input)?;
        if bytes.is_empty() {
            return Err(cut_off());
        }
        let length = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        Ok(&bytes[..length])
    }

    pub fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count as u64);
        self.input.consume(count);
    }

    /// Reads whatever comes after the archive's end, for those who want to know all of its bytes.
    pub fn drain(&mut self) -> Result<()> {
        loop {
            let length = fill(&mut self.input)?.len();
            if length == 0 {
                return Ok(());
            }
            self.input.consume(length);
        }
    }

    fn entry(
        &mut self,
        block: &Block,
        format: Format,
        records: Records,
        name: Vec<u8>,
        link: Vec<u8>,
    ) -> Result<Entry> {
        let damaged = || unreadable("a number in one of its headers is damaged");
        let first = |candidates: [Vec<u8>; 3]| candidates.into_iter().find(|it| !it.is_empty()).unwrap_or_default();
        let mut name = first([name, records.path, block.name(format)]);
        let seconds = block.modified().ok_or_else(damaged)?;
        let size = block.size().ok_or_else(damaged)?;
        let (user, group) = (block.user().ok_or_else(damaged)?, block.group().ok_or_else(damaged)?);
        let kind = Kind::of(block.flag(), &name);

        // The records' size is the one that counts, and the only one that is used: of two sizes, the other is how an
        // archive shows different entries to different readers.
        let size = u64::try_from(records.size.unwrap_or(size)).map_err(|_| damaged())?;
        self.begin(if kind.has_data() { size } else { 0 });
        let sparse = match block.flag() {
            b'S' => Some(self.old_sparse(block, format)?),
            _ => self.pax_sparse(&records.sparse, kind, size)?,
        };
        if sparse.is_some() && !records.sparse.name.is_empty() {
            name = records.sparse.name;
        }
        Ok(Entry {
            kind,
            name,
            link: first([link, records.link, block.link().to_vec()]),
            mode: block.mode().ok_or_else(damaged)?,
            user: records.user.unwrap_or(user),
            group: records.group.unwrap_or(group),
            modified: records.modified.unwrap_or(Timespec { tv_sec: seconds, tv_nsec: 0 }),
            xattrs: records.xattrs,
            stored: self.left,
            sparse,
        })
    }

    fn old_sparse(&mut self, block: &Block, format: Format) -> Result<Sparse> {
        if format != Format::Gnu {
            return Err(unreadable("one of its files is sparse in a way that only one program knows"));
        }
        let size = block.real_size().and_then(|size| u64::try_from(size).ok());
        let size = size.ok_or_else(|| unreadable("the size of one of its sparse files is damaged"))?;
        // These blocks are not counted in the entry's size.
        let regions = sparse::old(block, || self.block()?.ok_or_else(cut_off))?;
        Sparse::new(regions, size, self.left)
    }

    fn pax_sparse(&mut self, records: &pax::SparseRecords, kind: Kind, size: u64) -> Result<Option<Sparse>> {
        let is_in_data = match (records.major.as_slice(), records.minor.as_slice()) {
            (b"1", b"0") => true,
            (b"0", b"0" | b"1") => false,
            (b"", b"") if !records.map.is_empty() => false,
            (b"", b"") => return Ok(None),
            _ => return Err(unreadable("one of its files is sparse in a way that is not known")),
        };
        if kind != Kind::File {
            return Err(unreadable("something that is no file is sparse"));
        }
        let regions = if is_in_data {
            let mut left = self.left;
            let (regions, blocks) = sparse::from_data(|| {
                left = left.checked_sub(BLOCK as u64).ok_or_else(cut_off)?;
                self.block()?.ok_or_else(cut_off)
            })?;
            self.left = self.left.saturating_sub(blocks * BLOCK as u64);
            regions
        } else {
            sparse::from_record(&records.map)?
        };
        let real = records.size.or(records.real_size).map(u64::try_from).transpose();
        let real = real.map_err(|_| unreadable("the size of one of its sparse files is damaged"))?;
        Sparse::new(regions, real.unwrap_or(size), self.left).map(Some)
    }

    /// A long name, or records: they are held in memory.
    fn special(&mut self, block: &Block) -> Result<Vec<u8>> {
        let size = block.size().and_then(|size| u64::try_from(size).ok());
        let Some(size) = size.filter(|size| *size <= LONGEST_RECORDS) else {
            let message =
                unreadable("the names and attributes of one of its entries are larger than an entry's may be");
            return Err(Error::too_large(message.message));
        };
        self.begin(size);
        let mut bytes = Vec::new();
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(bytes);
            }
            bytes.extend_from_slice(chunk);
            let length = chunk.len();
            self.consume(length);
        }
    }

    /// What follows is an entry's data.
    fn begin(&mut self, size: u64) {
        self.left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    fn header(&mut self) -> Result<Option<(Block, Format)>> {
        loop {
            let length = self.chunk()?.len();
            if length == 0 {
                break;
            }
            self.consume(length);
        }
        // Like Go: only the filling of the last entry may be missing.
        while self.padding > 0 {
            let available = fill(&mut self.input)?.len() as u64;
            if available == 0 {
                return Ok(None);
            }
            let count = available.min(self.padding);
            self.input.consume(usize::try_from(count).unwrap_or_default());
            self.padding -= count;
        }
        let Some(block) = self.block()? else { return Ok(None) };
        if block.is_zero() {
            return match self.block()? {
                Some(block) if !block.is_zero() => Err(unreadable("there is something behind half an end mark")),
                _ => Ok(None),
            };
        }
        match block.format() {
            Some(format) => Ok(Some((block, format))),
            None => Err(unreadable("this is no tar, or a header in it is damaged: the checksum is wrong")),
        }
    }

    /// The next block; `None` where nothing follows.
    fn block(&mut self) -> Result<Option<Block>> {
        let mut block = Block([0; BLOCK]);
        let mut filled = 0;
        while filled < BLOCK {
            let bytes = fill(&mut self.input)?;
            if bytes.is_empty() {
                return if filled == 0 { Ok(None) } else { Err(cut_off()) };
            }
            let count = bytes.len().min(BLOCK - filled);
            block.0[filled..filled + count].copy_from_slice(&bytes[..count]);
            self.input.consume(count);
            filled += count;
        }
        Ok(Some(block))
    }
}

impl Kind {
    fn of(flag: u8, name: &[u8]) -> Self {
        match flag {
            // Before there was a flag for directories.
            0 if name.ends_with(b"/") => Self::Directory,
            0 | b'0' | b'7' | b'S' => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Symlink,
            b'3' | b'4' => Self::Device,
            b'5' => Self::Directory,
            b'6' => Self::Fifo,
            other => Self::Other(other),
        }
    }

    /// Some writers say a size of links and directories, too. No data follows them, whatever it says.
    fn has_data(self) -> bool {
        matches!(self, Self::File | Self::Other(_))
    }
}

/// Whether a block is an entry's header: its checksum fits.
pub fn is_header(block: &[u8; BLOCK]) -> bool {
    Block(*block).format().is_some()
}

/// An archive whose form is wrong.
fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("The archive can't be read: {why}."))
}

pub(crate) fn cut_off() -> Error {
    // Docker's words.
    Error { kind: ErrorKind::CutOff, message: "unexpected EOF".to_owned() }
}

/// Up to the first NUL, where a text in a tar ends.
fn text(field: &[u8]) -> &[u8] {
    memchr::memchr(0, field).map_or(field, |end| &field[..end])
}

fn fill(input: &mut impl BufRead) -> Result<&[u8]> {
    // Twice, as the first can't be answered in a loop: the borrow would last for all of it.
    // What an archive is read from may be part of another archive, and know best what is wrong.
    let failed = |error: io::Error| {
        let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
        error.downcast::<Error>().unwrap_or_else(|error| {
            let said = unreadable(error);
            if is_end { Error { kind: ErrorKind::CutOff, ..said } } else { said }
        })
    };
    while let Err(error) = input.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(failed(error));
        }
    }
    input.fill_buf().map_err(failed)
}
