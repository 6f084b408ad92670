//! The id of an image.

use super::is_digits;
use crate::{Error, Result};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// An image's id: `sha256:` and 64 hex digits, the digest of its configuration. What a client calls an image by is text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(Arc<str>);

checked_text!(ImageId);

impl ImageId {
    const ALGORITHM: &str = "sha256:";

    /// # Errors
    /// It isn't one.
    pub fn new(id: &str) -> Result<Self> {
        if !id.strip_prefix(Self::ALGORITHM).is_some_and(is_digits) {
            return Err(Error::invalid(format!("{id:?} can't be an image's id: it wants sha256: and 64 hex digits")));
        }
        Ok(Self(id.into()))
    }

    /// Of the image with this configuration, to the byte.
    pub fn of(document: &[u8]) -> Self {
        Self(format!("{}{}", Self::ALGORITHM, hex::encode(Sha256::digest(document))).into())
    }

    /// Of the image whose configuration a registry calls so.
    pub(crate) fn of_digest(digest: &registry::Digest) -> Self {
        Self(digest.as_str().into())
    }

    /// Without the algorithm.
    pub fn digits(&self) -> &str {
        &self.0[Self::ALGORITHM.len()..]
    }

    /// The first 12 digits, as `docker images` shows it.
    pub fn short(&self) -> &str {
        &self.digits()[..12]
    }
}
