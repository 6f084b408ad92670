//! Digests as OCI writes them.

use crate::id::is_digits;
use sha2::{Digest, Sha256};
use std::io::Read;

/// `sha256:…` of these bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// `sha256:…` of all that is read.
pub(super) fn of_reader(mut reader: impl Read) -> std::io::Result<String> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 128 << 10]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(format!("sha256:{}", hex::encode(hash.finalize()))),
            read => hash.update(&buffer[..read]),
        }
    }
}

/// Whether this is a digest of the one kind that is used here: `sha256:` and 64 digits.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(is_digits)
}
