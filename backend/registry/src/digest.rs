//! Names of content: what it hashes to.

use crate::{Error, Result, text};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// `sha256:` and 64 hexadecimal digits. The only algorithm that images are named by in practice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

const PREFIX: &str = "sha256:";

impl Digest {
    /// # Errors
    /// It is no digest, or one of another algorithm.
    pub fn parse(text: &str) -> Result<Self> {
        let is_hex = |hex: &str| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match text.strip_prefix(PREFIX) {
            Some(hex) if is_hex(hex) => Ok(Self(text.to_owned())),
            None if text.starts_with("sha512:") => {
                Err(Error::Unsupported(format!("digest algorithm sha512 is not supported: {}", text::shown(text))))
            }
            _ => Err(Error::Invalid(format!("invalid digest format: {}", text::shown(text)))),
        }
    }

    pub fn of(content: &[u8]) -> Self {
        Self::finish(Sha256::new_with_prefix(content))
    }

    /// The digest of all that a hasher was given.
    pub fn finish(hasher: Sha256) -> Self {
        Self(format!("{PREFIX}{}", hex::encode(hasher.finalize())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn content_has_the_digest_that_everybody_computes() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
        assert_eq!(Digest::parse(empty).unwrap(), Digest::of(b""));
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        let hex = "a".repeat(64);
        for given in [
            "",
            "latest",
            "sha256:",
            "sha256:12",
            &hex,
            &format!("sha256:{}", "A".repeat(64)),
            &format!("sha256:{hex}/"),
        ] {
            assert!(matches!(Digest::parse(given), Err(Error::Invalid(_))), "{given}");
        }
        assert!(matches!(Digest::parse(&format!("sha512:{hex}{hex}")), Err(Error::Unsupported(_))));
    }
}
