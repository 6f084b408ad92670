//! The image for a platform, by way of an index.

use super::{Repository, Which};
use crate::manifest::{Content, Descriptor, Manifest, Platform};
use crate::{Digest, Error, Result};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Of the index that the tag or digest names, if it names one. It is the image's digest for Docker's users.
    pub index: Option<Digest>,
    /// Of the image itself.
    pub manifest: Manifest,
}

/// Indexes within indexes. A circle can't be, for the digests are checked, but a long way can.
const DEEPEST: usize = 4;

/// Manifests that are looked at.
const MOST: usize = 16;

impl Repository {
    /// The manifest of the image that suits a platform best. If there is only one image, it is that one: its
    /// configuration says what it is for.
    ///
    /// # Errors
    /// There is none for it, or as of [`Repository::manifest`].
    pub async fn image(&self, tag_or_digest: &str, platform: &Platform) -> Result<Image> {
        let first = self.manifest(tag_or_digest).await?;
        let Content::Index(index) = first.content()? else { return Ok(Image { index: None, manifest: first }) };
        let mut open = Vec::new();
        let add = |open: &mut Vec<_>, entries: Vec<&Descriptor>, depth: usize| {
            open.extend(entries.into_iter().rev().map(|entry| (entry.clone(), depth)));
        };
        add(&mut open, index.suitable(platform), 1);
        let mut seen = 0;
        while let Some((entry, depth)) = open.pop() {
            seen += 1;
            if depth > DEEPEST || seen > MOST {
                return Err(Error::Unsupported(format!("the index {} goes too deep", first.digest)));
            }
            let manifest = self.manifest_of(&Which::Digest(entry.digest.clone())).await?;
            check(&entry, &manifest)?;
            match manifest.content()? {
                Content::Image(_) => return Ok(Image { index: Some(first.digest), manifest }),
                Content::Index(index) => add(&mut open, index.suitable(platform), depth + 1),
            }
        }
        Err(Error::NoMatch(format!("no matching manifest for {platform} in the manifest list entries")))
    }
}

/// Refuses a manifest that is not as the index says.
fn check(entry: &Descriptor, manifest: &Manifest) -> Result<()> {
    let digest = &manifest.digest;
    if entry.size != manifest.bytes.len() as u64 {
        let (announced, size) = (entry.size, manifest.bytes.len());
        return Err(Error::Lied(format!("manifest {digest} has {size} bytes, and its index says {announced}")));
    }
    if !entry.media_type.is_empty() && entry.media_type != manifest.media_type {
        let (announced, is) = (&entry.media_type, &manifest.media_type);
        return Err(Error::Lied(format!("manifest {digest} is {is}, and its index says {announced}")));
    }
    Ok(())
}
