//! Ids as Docker makes them up, and the random numbers for them.

use crate::{Error, Result};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use std::fmt;
use std::sync::Arc;

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

/// A virtual host's id: `[a-z0-9]{1,32}`, unique on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostId(Arc<str>);

impl HostId {
    /// Errors: it can't be one.
    pub(crate) fn new(id: &str) -> Result<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if id.is_empty() || id.len() > 32 || !id.bytes().all(plain) {
            return Err(Error::invalid(format!("{id:?} can't be a virtual host's id: it wants [a-z0-9]{{1,32}}")));
        }
        Ok(Self(id.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for HostId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for HostId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::new(value.as_str()?).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}
