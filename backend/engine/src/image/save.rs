//! `docker save`: images as an archive that Docker, and whatever reads OCI layouts, takes in again.
//!
//! Docker's order, names and documents, but for the `json` of each layer that Docker before 1.10 read. The same images give the same
//! bytes: what there is of times comes from the images.

mod stream;

use super::layout::{self, Descriptor, Manifest, ManifestItem};
use super::{Image, Platform, Reference, Store, digest};
use crate::{Error, Result};
use std::collections::BTreeMap;

pub use stream::SavedImages;

use stream::{Content, Part};

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
        host: &str,
        names: &[&str],
        platform: Option<&Platform>,
    ) -> Result<(SavedImages, Vec<Image>)> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for name in names {
            for (image, reference) in self.named(host, name)? {
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
        let saved = self.archive(&wanted)?;
        Ok((saved, wanted.into_iter().map(|wanted| wanted.image).collect()))
    }

    /// What Docker understands by a name here, which isn't what it understands elsewhere.
    fn named(&self, host: &str, name: &str) -> Result<Vec<(Image, Option<Reference>)>> {
        let no_such = || Error::not_found(format!("No such image: {name}"));
        let by_id = || match self.image(host, name) {
            Ok(image) if image.id.trim_start_matches("sha256:").starts_with(name.trim_start_matches("sha256:")) => {
                Ok(vec![(image, None)])
            }
            _ => Err(no_such()),
        };
        if digest::is_sha256(name) || name.starts_with("sha256:") || digest::is_sha256(&format!("sha256:{name}")) {
            return by_id();
        }
        let reference = Reference::parse(name)?;
        if !Reference::is_name_only(name) {
            let image = self.image(host, name).map_err(|_| Error::not_found("reference does not exist"))?;
            return Ok(vec![(image, Some(reference).filter(|reference| reference.tag().is_some()))]);
        }
        let mut found = Vec::new();
        for image in self.images(host)? {
            let tags = image.repo_tags.iter().filter_map(|tag| Reference::parse(tag).ok());
            let tags: Vec<_> = tags.filter(|tag| tag.name() == reference.name()).collect();
            found.extend(tags.into_iter().map(|tag| (image.clone(), Some(tag))));
        }
        found.sort_by(|(_, a), (_, b)| a.cmp(b));
        if found.is_empty() { by_id() } else { Ok(found) }
    }

    fn archive(&self, wanted: &[Wanted]) -> Result<SavedImages> {
        // By digest, as an archiver that sorts names has them.
        let mut blobs: BTreeMap<String, Part> = BTreeMap::new();
        let (mut items, mut manifests) = (Vec::new(), Vec::new());
        let mut repositories: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for Wanted { image, references } in wanted {
            let time = u64::try_from(image.created / 1_000_000_000).unwrap_or(0);
            let mut layers = Vec::new();
            for diff_id in &image.config.rootfs.diff_ids {
                let size = self.archive_size(diff_id)?;
                layers.push(Descriptor {
                    media_type: layout::IMAGE_LAYER.to_owned(),
                    size,
                    digest: diff_id.clone(),
                    ..Descriptor::default()
                });
                let part = Part { content: Content::Layer { diff_id: diff_id.clone(), size }, time };
                blobs.entry(diff_id.clone()).or_insert(part);
            }
            let Some(top) = layers.last() else { return Err(Error::system("empty export - not implemented")) };
            let document = self.document(&image.id)?;
            let manifest = Manifest {
                schema_version: 2,
                media_type: layout::IMAGE_MANIFEST.to_owned(),
                config: Some(Descriptor {
                    media_type: layout::IMAGE_CONFIG.to_owned(),
                    size: document.len() as u64,
                    digest: image.id.clone(),
                    ..Descriptor::default()
                }),
                layers: Some(layers.clone()),
                manifests: None,
            };
            let manifest = json(&manifest)?;
            let descriptor = Descriptor {
                media_type: layout::IMAGE_MANIFEST.to_owned(),
                size: manifest.len() as u64,
                digest: digest::sha256(&manifest),
                ..Descriptor::default()
            };
            for reference in references {
                let tag = reference.tag().unwrap_or_default().to_owned();
                let annotations = [(layout::IMAGE_NAME, reference.canonical()), (layout::REF_NAME, tag.clone())];
                let annotations = annotations.map(|(name, value)| (name.to_owned(), value)).into();
                manifests.push(Descriptor { annotations, ..descriptor.clone() });
                let top = top.digest.trim_start_matches("sha256:").to_owned();
                repositories.entry(reference.name().to_owned()).or_default().insert(tag, top);
            }
            if references.is_empty() {
                manifests.push(descriptor.clone());
            }
            items.push(ManifestItem {
                config: layout::blob_path(&image.id),
                repo_tags: Some(references.iter().map(Reference::to_string).collect())
                    .filter(|tags: &Vec<_>| !tags.is_empty()),
                layers: layers.iter().map(|layer| layout::blob_path(&layer.digest)).collect(),
                parent: image.parent.clone().filter(|id| wanted.iter().any(|w| w.image.id == *id)).unwrap_or_default(),
                layer_sources: layers.into_iter().map(|layer| (layer.digest.clone(), layer)).collect(),
            });
            blobs.insert(image.id.clone(), Part { content: Content::Document(document), time });
            blobs.insert(descriptor.digest, Part { content: Content::Document(manifest), time: 0 });
        }
        let index = Manifest {
            schema_version: 2,
            media_type: layout::IMAGE_INDEX.to_owned(),
            manifests: Some(manifests),
            ..Manifest::default()
        };
        let time = blobs.values().map(|part| part.time).max().unwrap_or(0);
        let directory = |path: &str| (path.to_owned(), Part { content: Content::Directory, time });
        let mut parts = Vec::new();
        if !blobs.is_empty() {
            parts.extend([directory("blobs/"), directory("blobs/sha256/")]);
        }
        parts.extend(blobs.into_iter().map(|(digest, part)| (layout::blob_path(&digest), part)));
        let mut document =
            |name: &str, bytes| parts.push((name.to_owned(), Part { content: Content::Document(bytes), time: 0 }));
        document(layout::INDEX, json(&index)?);
        document(layout::MANIFEST, [json(&items)?, b"\n".to_vec()].concat());
        document(layout::LAYOUT, br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec());
        if !repositories.is_empty() {
            document(layout::REPOSITORIES, [json(&repositories)?, b"\n".to_vec()].concat());
        }
        Ok(SavedImages::new(self.clone(), parts))
    }

    /// Bytes of the layer's uncompressed tar, which must be there.
    fn archive_size(&self, diff_id: &str) -> Result<u64> {
        // This says what is wrong.
        self.open_layer(diff_id)?;
        let layer = self.find_layer(diff_id)?.ok_or_else(|| Error::system(format!("layer {diff_id} is missing")))?;
        Ok(layer.tar_size)
    }
}

fn check(image: &Image, platform: Option<&Platform>) -> Result<()> {
    match platform.filter(|wanted| !wanted.runs(&image.config.platform())) {
        Some(wanted) => Err(Error::system(format!("no suitable export target found for platform {wanted}"))),
        None => Ok(()),
    }
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::system(format!("The archive can't be written: {error}")))
}

#[cfg(test)]
mod tests;
