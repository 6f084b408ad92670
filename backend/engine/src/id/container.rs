//! The id of a container.

use super::is_digits;
use crate::{Error, Result};
use std::sync::Arc;

/// A container's id: 64 hex digits. What a client calls a container by may also be a name or the beginning of an id, and is text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(Arc<str>);

checked_text!(ContainerId);

impl ContainerId {
    /// # Errors
    /// It isn't one.
    pub fn new(id: &str) -> Result<Self> {
        if !is_digits(id) {
            return Err(Error::invalid(format!("{id:?} can't be a container's id: it wants 64 hex digits")));
        }
        Ok(Self(id.into()))
    }

    /// One that no container has.
    pub(crate) fn generate() -> Result<Self> {
        Ok(Self(super::new()?.into()))
    }

    /// The first 12 digits, as `docker ps` shows it.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn an_id_is_checked_wherever_it_comes_from_and_written_as_its_text() {
        let id = ContainerId::generate().unwrap();
        assert!(id.len() == 64 && id.starts_with(id.short()) && id.short().len() == 12);
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<ContainerId>(&format!("\"{id}\"")).unwrap(), id);
        for bad in ["", "../..", id.short(), &id.to_uppercase(), &format!("{id}0")] {
            assert!(serde_json::from_str::<ContainerId>(&format!("{bad:?}")).is_err(), "{bad}");
        }
    }
}
