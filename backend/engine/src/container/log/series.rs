//! The files of a log: `<id>-json.log`, and older ones, `<id>-json.log.1` and so on.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes that are looked through at once for the beginnings of lines.
const BLOCK: u64 = 64 * 1024;
/// Looks at a log that is being rotated, until two agree.
const LOOKS: usize = 10;

/// A file of a log. It keeps its identity when it gets an older name.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) file: File,
    /// How long it was when it was opened, in bytes.
    pub(super) length: u64,
    identity: (u64, u64),
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

/// All files of a log that are there, oldest first; none if the container has never run.
pub(super) fn open(path: &Path) -> io::Result<Vec<Piece>> {
    let mut last = look(path)?;
    for _ in 1..LOOKS {
        let again = look(path)?;
        if again == last {
            break;
        }
        last = again;
    }
    last.reverse();
    Ok(last)
}

/// One look from new to old: a file that is renamed meanwhile gets an older name, and is still to come.
fn look(path: &Path) -> io::Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut missing = 0;
    let mut number = 0u32;
    // Between two renames one name is free.
    while missing < 2 {
        match File::open(name(path, number)) {
            Ok(file) => {
                let metadata = file.metadata()?;
                let identity = (metadata.dev(), metadata.ino());
                let piece = Piece { file, length: metadata.len(), identity };
                if !pieces.contains(&piece) {
                    pieces.push(piece);
                }
                missing = 0;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing += 1,
            Err(error) => return Err(error),
        }
        number += 1;
    }
    Ok(pieces)
}

fn name(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

/// Where the last `wanted` lines begin: which of the pieces (oldest first), and how far into it. Read backwards in
/// blocks, so that a long log costs nothing.
pub(super) fn start_of_last(pieces: &[Piece], wanted: usize) -> io::Result<(usize, u64)> {
    let mut seen = 0;
    let mut block = Vec::new();
    for (index, piece) in pieces.iter().enumerate().rev() {
        let mut end = piece.length;
        while end > 0 {
            let start = end.saturating_sub(BLOCK);
            block.resize(usize::try_from(end - start).unwrap_or_default(), 0);
            piece.file.read_exact_at(&mut block, start)?;
            for at in memchr::memrchr_iter(b'\n', &block) {
                // Each newline ends a line that was seen; the one before the last `wanted` lines ends another.
                if seen == wanted {
                    return Ok((index, start + at as u64 + 1));
                }
                seen += 1;
            }
            end = start;
        }
    }
    Ok((0, 0))
}
