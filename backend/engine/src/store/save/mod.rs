//! `docker save`: images as an archive that Docker, and whatever reads OCI layouts, takes in again.
//!
//! Docker's order, names and documents, but for the `json` of each layer that Docker before 1.10 read. The same images give the same
//! bytes: what there is of times comes from the images.

mod contents;
mod stream;

use super::{Image, Platform, Reference, Store, digest};
use crate::store::Owner;
use crate::{Error, Result};

pub use stream::SavedImages;

use contents::Contents;

/// An image that is saved, under which names.
struct Wanted {
    image: Image,
    references: Vec<Reference>,
}

impl Store {
    /// The archive of these images: by `name` every tag that it has, by `name:tag` that one, by id none. Reading it blocks.
    ///
    /// # Errors
    /// The host has no such image, or not for this platform; the archive of a layer wasn't kept.
    pub(crate) fn save(
        &self,
        owner: &Owner,
        names: &[&str],
        platform: Option<&Platform>,
    ) -> Result<(SavedImages, Vec<Image>)> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for name in names {
            for (image, reference) in self.named(owner, name)? {
                let known = wanted.iter_mut().find(|known| known.image.id == image.id);
                let references = match known {
                    Some(known) => &mut known.references,
                    None => {
                        check(&image, platform)?;
                        wanted.push(Wanted { image, references: Vec::new() });
                        let Some(new) = wanted.last_mut() else { continue };
                        &mut new.references
                    }
                };
                references.extend(reference.filter(|reference| !references.contains(reference)));
            }
        }
        let mut contents = Contents::default();
        for one in &wanted {
            contents.add(self, one, |id| wanted.iter().any(|other| other.image.id == *id))?;
        }
        let saved = SavedImages::new(self.clone(), contents.into_parts()?);
        Ok((saved, wanted.into_iter().map(|wanted| wanted.image).collect()))
    }

    /// What Docker understands by a name here, which isn't what it understands elsewhere.
    fn named(&self, owner: &Owner, name: &str) -> Result<Vec<(Image, Option<Reference>)>> {
        let no_such = || Error::not_found(format!("No such image: {name}"));
        let by_id = || match self.image(owner, name) {
            Ok(image) if image.id.digits().starts_with(name.trim_start_matches("sha256:")) => Ok(vec![(image, None)]),
            _ => Err(no_such()),
        };
        if name.len() > "sha256:".len() && name.starts_with("sha256:") || digest::is_sha256(&format!("sha256:{name}")) {
            return by_id();
        }
        let reference = Reference::parse(name)?;
        if !Reference::is_name_only(name) {
            let image = self.image(owner, name).map_err(|_| Error::not_found("reference does not exist"))?;
            return Ok(vec![(image, Some(reference).filter(|reference| reference.tag().is_some()))]);
        }
        let mut found = Vec::new();
        for image in self.images(owner)? {
            let tags = image.repo_tags.iter().filter_map(|tag| Reference::parse(tag).ok());
            let tags: Vec<_> = tags.filter(|tag| tag.name() == reference.name()).collect();
            found.extend(tags.into_iter().map(|tag| (image.clone(), Some(tag))));
        }
        found.sort_by(|(_, a), (_, b)| a.cmp(b));
        if found.is_empty() { by_id() } else { Ok(found) }
    }
}

fn check(image: &Image, platform: Option<&Platform>) -> Result<()> {
    match platform.filter(|wanted| !wanted.runs(&image.config.platform())) {
        Some(wanted) => Err(Error::system(format!("no suitable export target found for platform {wanted}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
