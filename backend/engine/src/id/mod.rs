//! Ids as Docker makes them up, each kind with a type, and the random numbers for them.

#[macro_use]
mod text;

mod container;
mod host;
mod image;

pub use container::ContainerId;
pub use host::HostId;
pub use image::ImageId;

use crate::{Error, Result};

/// A new id: 32 random bytes as 64 hex digits. Never all decimal in its first 12, as Docker has it:
/// such an id would be read as a number by some tools when it becomes a host name.
pub(crate) fn new() -> Result<String> {
    loop {
        let id = hex::encode(random::<32>()?);
        if !id.as_bytes()[..12].iter().all(u8::is_ascii_digit) {
            return Ok(id);
        }
    }
}

/// What nobody guesses.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::system(format!("cannot get random numbers: {error}")))?;
    Ok(bytes)
}

/// Whether these are the 64 digits that an id or a SHA-256 has.
pub(crate) fn is_digits(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
