//! What an archive of images consists of: layers, configurations, and the documents that say how they belong together.

use super::Wanted;
use super::stream::{Content, Part};
use crate::id::ImageId;
use crate::store::layout::{self, Descriptor, LayerSource, Manifest, ManifestItem};
use crate::store::{Store, digest};
use crate::{Error, Result};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Contents {
    /// By digest, as an archiver that sorts names has them; a layer of several images once.
    blobs: BTreeMap<String, Part>,
    /// For `manifest.json`.
    items: Vec<ManifestItem>,
    /// For `index.json`.
    manifests: Vec<Descriptor>,
    /// Name to tag to the uppermost layer, for Docker before 1.10.
    repositories: BTreeMap<String, BTreeMap<String, String>>,
}

impl Contents {
    /// Adds an image; `is_there`: whether the image of an id is in the archive, too.
    pub(super) fn add(&mut self, store: &Store, wanted: &Wanted, is_there: impl Fn(&ImageId) -> bool) -> Result<()> {
        let Wanted { image, references } = wanted;
        let time = (image.created / 1_000_000_000).max(0);
        let mut layers = Vec::new();
        for diff_id in &image.config.rootfs.diff_ids {
            let size = archive_size(store, diff_id)?;
            layers.push(descriptor(layout::IMAGE_LAYER, diff_id, size));
            let part = Part { content: Content::Layer { diff_id: diff_id.clone(), size }, time };
            self.blobs.entry(diff_id.clone()).or_insert(part);
        }
        let Some(top) = layers.last() else { return Err(Error::system("empty export - not implemented")) };
        let top = top.digest.trim_start_matches("sha256:").to_owned();
        let document = store.document(&image.id)?;
        let manifest = json(&Manifest {
            schema_version: 2,
            media_type: layout::IMAGE_MANIFEST.to_owned(),
            config: Some(descriptor(layout::IMAGE_CONFIG, &image.id, document.len() as u64)),
            layers: Some(layers.clone()),
            manifests: None,
        })?;
        let own = descriptor(layout::IMAGE_MANIFEST, &digest::sha256(&manifest), manifest.len() as u64);
        for reference in references {
            let tag = reference.tag().unwrap_or_default().to_owned();
            let annotations = [(layout::IMAGE_NAME, reference.canonical()), (layout::REF_NAME, tag.clone())];
            let annotations = annotations.map(|(name, value)| (name.to_owned(), value)).into();
            self.manifests.push(Descriptor { annotations, ..own.clone() });
            self.repositories.entry(reference.name().to_owned()).or_default().insert(tag, top.clone());
        }
        if references.is_empty() {
            self.manifests.push(own.clone());
        }
        let tags: Vec<String> = references.iter().map(ToString::to_string).collect();
        self.items.push(ManifestItem {
            config: layout::blob_path(&image.id),
            repo_tags: Some(tags).filter(|tags| !tags.is_empty()),
            layers: layers.iter().map(|layer| layout::blob_path(&layer.digest)).collect(),
            parent: image.parent.as_ref().filter(|id| is_there(id)).map(ToString::to_string).unwrap_or_default(),
            layer_sources: layers.into_iter().map(source).collect(),
        });
        self.blobs.insert(image.id.to_string(), Part { content: Content::Document(document), time });
        self.blobs.insert(own.digest, Part { content: Content::Document(manifest), time: 0 });
        Ok(())
    }

    /// Path and content of each entry, in Docker's order.
    pub(super) fn into_parts(self) -> Result<Vec<(String, Part)>> {
        let index = Manifest {
            schema_version: 2,
            media_type: layout::IMAGE_INDEX.to_owned(),
            manifests: Some(self.manifests),
            ..Manifest::default()
        };
        let time = self.blobs.values().map(|part| part.time).max().unwrap_or(0);
        let mut parts = Vec::new();
        if !self.blobs.is_empty() {
            let directory = |path: &str| (path.to_owned(), Part { content: Content::Directory, time });
            parts.extend(["blobs/", "blobs/sha256/"].map(directory));
        }
        parts.extend(self.blobs.into_iter().map(|(digest, part)| (layout::blob_path(&digest), part)));
        let mut document =
            |name: &str, bytes| parts.push((name.to_owned(), Part { content: Content::Document(bytes), time: 0 }));
        document(layout::INDEX, json(&index)?);
        document(layout::MANIFEST, [json(&self.items)?, b"\n".to_vec()].concat());
        document(layout::LAYOUT, br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec());
        if !self.repositories.is_empty() {
            document(layout::REPOSITORIES, [json(&self.repositories)?, b"\n".to_vec()].concat());
        }
        Ok(parts)
    }
}

/// Bytes of the layer's uncompressed tar, which must be there.
fn archive_size(store: &Store, diff_id: &str) -> Result<u64> {
    // This says what is wrong.
    store.open_layer(diff_id)?;
    let layer = store.find_layer(diff_id)?.ok_or_else(|| Error::system(format!("layer {diff_id} is missing")))?;
    Ok(layer.tar_size)
}

fn descriptor(media_type: &str, digest: &str, size: u64) -> Descriptor {
    Descriptor { media_type: media_type.to_owned(), digest: digest.to_owned(), size, ..Descriptor::default() }
}

fn source(layer: Descriptor) -> (String, LayerSource) {
    let Descriptor { digest, size, .. } = layer;
    (digest.clone(), LayerSource { media_type: layout::IMAGE_LAYER, size, digest })
}

fn json(value: &impl serde::Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| Error::system(format!("The archive can't be written: {error}")))
}
