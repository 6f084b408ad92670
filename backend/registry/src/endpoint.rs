//! Where a repository can be asked for: mirrors first, then the registry itself.

use crate::error::Result;
use crate::origin::{Origin, Scheme};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug)]
pub(crate) struct Endpoint {
    encrypted: Origin,
    /// What is tried if there is no encryption; `None`: there must be.
    plain: Option<Origin>,
    is_plain: AtomicBool,
    /// Knows what is pulled, and nothing of those who pull.
    pub(crate) is_mirror: bool,
}

impl Endpoint {
    pub(crate) fn of_registry(registry: &str, is_insecure: bool) -> Result<Self> {
        let encrypted = Origin::of_registry(registry, Scheme::Https)?;
        let plain = is_insecure.then(|| encrypted.with_scheme(Scheme::Http));
        Ok(Self { encrypted, plain, is_plain: AtomicBool::new(false), is_mirror: false })
    }

    pub(crate) fn mirror(url: &str) -> Result<Self> {
        let (origin, _) = Origin::parse(url)?;
        let is_plain = AtomicBool::new(origin.scheme == Scheme::Http);
        Ok(Self { plain: Some(origin.clone()), encrypted: origin, is_plain, is_mirror: true })
    }

    pub(crate) fn origin(&self) -> &Origin {
        match &self.plain {
            Some(plain) if self.is_plain.load(Ordering::Relaxed) => plain,
            _ => &self.encrypted,
        }
    }

    /// Does without encryption from now on, if it may and hasn't yet.
    pub(crate) fn fall_back(&self) -> bool {
        self.plain.is_some() && !self.is_plain.swap(true, Ordering::Relaxed)
    }
}
