//! Reads a deck's file.

use super::{DeckError, ParsedDeck, parse};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Largest deck, in bytes. The longest of 232 public decks has a tenth of it.
const MAX_SIZE: u64 = 2 * 1024 * 1024;

/// Reads and parses the deck at `path`, whose text is in `lang` (BCP 47).
pub fn load(path: &Path, lang: &str) -> Result<ParsedDeck, DeckError> {
    parse(&read_text(path)?, lang)
}

/// The text of a deck, or of what lies beside one.
pub(crate) fn read_text(path: &Path) -> Result<String, DeckError> {
    // Asked of the path first: to open a pipe would wait for a writer.
    if !std::fs::metadata(path)?.is_file() {
        return Err(DeckError::NotAFile);
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut bytes = Vec::new();
    if size <= MAX_SIZE {
        file.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    }
    let size = size.max(bytes.len() as u64);
    if size > MAX_SIZE {
        return Err(DeckError::TooLarge { size, limit: MAX_SIZE });
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count();
        DeckError::NotUtf8 { offset, line }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::Scratch;

    #[test]
    fn a_deck_is_read() {
        let scratch = Scratch::new();
        let file = scratch.write("PITCHME.md", "# Größe");
        assert_eq!(load(&file, "de").unwrap().deck.title, "Größe");
    }

    #[test]
    fn what_is_not_utf8_is_refused_with_its_place() {
        let scratch = Scratch::new();
        let file = scratch.write("PITCHME.md", b"# Docker\nGr\xf6\xdfe");
        assert!(matches!(load(&file, "de"), Err(DeckError::NotUtf8 { offset: 11, line: 2 })));
    }

    #[test]
    fn a_hundred_megabytes_are_refused_unread() {
        let scratch = Scratch::new();
        let file = scratch.write("PITCHME.md", "");
        File::options().write(true).open(&file).unwrap().set_len(100 * 1024 * 1024).unwrap();
        assert!(matches!(load(&file, "de"), Err(DeckError::TooLarge { size: 104_857_600, .. })));
    }

    #[test]
    fn what_is_no_file_is_refused() {
        assert!(matches!(load(Path::new("/dev/zero"), "de"), Err(DeckError::NotAFile)));
        assert!(matches!(load(&std::env::temp_dir(), "de"), Err(DeckError::NotAFile)));
        assert!(matches!(load(Path::new("/nonexistent"), "de"), Err(DeckError::Io(_))));
    }
}
