//! An entry's content becomes a file's.

use crate::error::Error;
use crate::format::{Entries, Entry};
use std::fs::File;
use std::io::{self, BufRead};
use std::os::unix::fs::FileExt;

/// Why a content is not, or not all of it, in its file.
#[derive(Debug)]
pub enum Unwritten {
    /// The archive can't be read.
    Archive(Error),
    /// The file can't be written to.
    File(io::Error),
}

/// Writes all of the present entry's content into a new, empty file; holes stay holes.
///
/// # Errors
/// See [`Unwritten`].
pub fn write_content(entry: &Entry, entries: &mut Entries<impl BufRead>, file: &File) -> Result<(), Unwritten> {
    let Some(sparse) = &entry.sparse else { return write(file, 0, entry.stored, entries) };
    file.set_len(sparse.size).map_err(Unwritten::File)?;
    sparse.regions.iter().try_for_each(|region| write(file, region.offset, region.length, entries))
}

fn write(file: &File, mut offset: u64, length: u64, entries: &mut Entries<impl BufRead>) -> Result<(), Unwritten> {
    let mut left = length;
    while left > 0 {
        let chunk = entries.chunk().map_err(Unwritten::Archive)?;
        let count = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if count == 0 {
            return Err(Unwritten::Archive(crate::format::cut_off()));
        }
        file.write_all_at(&chunk[..count], offset).map_err(Unwritten::File)?;
        entries.consume(count);
        offset += count as u64;
        left -= count as u64;
    }
    Ok(())
}
