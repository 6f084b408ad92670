//! The secret that a session's cookie carries.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt;

/// 256 random bits. The server stores their hash only: who reads the database can't take over a session.
#[derive(Clone, Copy)]
pub(crate) struct Token([u8; 32]);

impl Token {
    /// A new one.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads a cookie's value; `None` if it is none of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As the cookie's value.
    pub(crate) fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// As the database knows it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_cookie_carries_is_read_again() {
        let token = Token::random().unwrap();
        assert_eq!(token.reveal().len(), 43);
        assert_eq!(Token::parse(&token.reveal()).unwrap().hash(), token.hash());
        assert_ne!(Token::random().unwrap().hash(), token.hash());
    }

    #[test]
    fn other_values_are_no_tokens() {
        for text in ["", "anna", "../../etc", &"A".repeat(42), &"A".repeat(44), &"A".repeat(100_000)] {
            assert!(Token::parse(text).is_none());
        }
    }

    #[test]
    fn a_log_does_not_reveal_it() {
        let token = Token::random().unwrap();
        assert!(!format!("{token:?}").contains(&token.reveal()));
    }
}
