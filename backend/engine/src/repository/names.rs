//! Names of repositories and tags, by the grammar that images have, too.

use super::{Fault, Repositories, Result};
use crate::Error;
use crate::store::{DOCKER_HUB, Reference, digest};

/// Whether a registry can be called so.
///
/// # Errors
/// Docker would not take it for a registry's name, which has a dot or a port, or it is Docker Hub's.
pub fn check_registry(name: &str) -> crate::Result<()> {
    let image = Reference::parse(&format!("{name}/a")).ok();
    if image.is_some_and(|image| image.registry() == name && image.path() == "a" && name != DOCKER_HUB) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{name}` can't be a registry's name: take one with a dot, like hub.hafen")))
}

impl Repositories {
    /// Errors: it is no name of a repository in this registry.
    pub(super) fn check_name(&self, name: &str) -> Result<()> {
        let parsed = Reference::parse(&format!("{}/{name}", self.registry));
        if parsed.is_ok_and(|reference| reference.path() == name) {
            return Ok(());
        }
        Err(Fault::NameInvalid(name.to_owned()))
    }
}

/// Errors: it is no tag.
pub(super) fn check_tag(tag: &str) -> Result<()> {
    let parsed = Reference::parse(&format!("a:{tag}"));
    if parsed.is_ok_and(|reference| reference.tag() == Some(tag)) {
        return Ok(());
    }
    Err(Fault::TagInvalid(tag.to_owned()))
}

/// Errors: it is no digest of the one kind that is used here.
pub(super) fn check_digest(digest: &str) -> Result<()> {
    if digest::is_sha256(digest) { Ok(()) } else { Err(Fault::DigestMalformed(digest.to_owned())) }
}

/// Whether a manifest is asked for by its digest. A tag can't have a colon.
pub(super) fn is_digest(reference: &str) -> bool {
    reference.contains(':')
}
