//! The id of a virtual host.

use crate::{Error, Result};
use std::sync::Arc;

/// A virtual host's id: `[a-z0-9]{1,32}`, unique on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostId(Arc<str>);

checked_text!(HostId);

impl HostId {
    /// # Errors
    /// It can't be one.
    pub fn new(id: &str) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if id.is_empty() || id.len() > 32 || !id.bytes().all(plain) {
            return Err(Error::invalid(format!("{id:?} can't be a virtual host's id: it wants [a-z0-9]{{1,32}}")));
        }
        Ok(Self(id.into()))
    }
}
