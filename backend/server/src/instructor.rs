//! Who the instructor is, and what only they see.

use crate::preflight::Preflight;
use crate::session::Token;
use anyhow::Context;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// What the instructor's endpoints work on.
#[derive(Debug)]
pub(crate) struct Instructor {
    pub(crate) key: InstructorKey,
    pub(crate) preflight: Arc<Preflight>,
}

/// The secret that the instructor's link ends with. It stays the same over restarts: a bookmark goes on working.
#[derive(Debug)]
pub(crate) struct InstructorKey(Token);

/// Its file in the data directory, for the machine's root only.
const FILE: &str = "instructor.key";

impl InstructorKey {
    /// The key that the data directory has, or a new one.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Token::parse(text.trim()).map(Self).with_context(|| {
                format!("{} is no key: delete it, and the next start makes a new one", path.display())
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let token = Token::random().context("no key can be made")?;
                write(data_dir, &token).with_context(|| format!("{} can't be written", path.display()))?;
                Ok(Self(token))
            }
            Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
        }
    }

    /// For the link.
    pub(crate) fn reveal(&self) -> String {
        self.0.reveal()
    }

    /// Whether somebody has it. Hashes are compared, so that how long it takes says nothing of the key.
    pub(crate) fn is(&self, token: &Token) -> bool {
        self.0.hash() == token.hash()
    }
}

/// Whole or not at all.
fn write(data_dir: &Path, token: &Token) -> std::io::Result<()> {
    let temporary = data_dir.join(format!("{FILE}.new"));
    // What a killed server left.
    let _ = std::fs::remove_file(&temporary);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    writeln!(file, "{}", token.reveal())?;
    file.sync_all()?;
    std::fs::rename(&temporary, data_dir.join(FILE))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::Scratch;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_stays_and_is_for_root_only() {
        let scratch = Scratch::new();
        let key = InstructorKey::open(scratch.path()).unwrap();
        let again = InstructorKey::open(scratch.path()).unwrap();
        assert_eq!(key.reveal(), again.reveal());
        assert!(again.is(&Token::parse(&key.reveal()).unwrap()));
        assert!(!again.is(&Token::random().unwrap()));
        let mode = std::fs::metadata(scratch.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_holds_no_key_is_not_taken_for_one() {
        let scratch = Scratch::new();
        scratch.write(FILE, "");
        let error = InstructorKey::open(scratch.path()).unwrap_err().to_string();
        assert!(error.contains("delete it"), "{error}");
    }
}
