//! What a manifest says, as far as a registry must know.

use super::names::check_digest;
use super::{Fault, Result};
use crate::json;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What an image's manifest is called: OCI's word and Docker's.
const IMAGE: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
/// A list of manifests, one for each platform.
const INDEX: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

/// Most that one manifest may refer to. An image can't have more than some hundred layers.
const MOST_DESCRIPTORS: usize = 4096;

/// A manifest that has been understood.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) media_type: String,
    /// Blobs that must be there: the configuration and the layers.
    pub(super) blobs: Vec<Descriptor>,
    /// Manifests that must be there: those that an index lists.
    pub(super) parts: Vec<Descriptor>,
    pub(super) subject: Option<String>,
    pub(super) artifact_type: Option<String>,
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

/// What a manifest says of something that it refers to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Descriptor {
    media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    urls: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Raw {
    schema_version: u32,
    media_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    artifact_type: Option<String>,
    annotations: Option<BTreeMap<String, String>>,
}

impl Document {
    /// Reads a manifest that came as `content_type`, if that was said.
    ///
    /// # Errors
    /// It is none, of a kind that isn't kept here, or not what its client calls it.
    pub(super) fn parse(content: &[u8], content_type: Option<&str>) -> Result<Self> {
        let raw: Raw = json::from_slice(content).map_err(|error| {
            let shown: String = error.to_string().chars().take(300).collect();
            Fault::ManifestInvalid(shown)
        })?;
        let invalid = |reason: &str| Err(Fault::ManifestInvalid(reason.to_owned()));
        if raw.schema_version != 2 {
            return invalid("only schemaVersion 2 is kept here: push with a client of this decade");
        }
        let media_type = match (raw.media_type.filter(|kind| !kind.is_empty()), content_type) {
            (Some(own), Some(said)) if own != said => {
                return Err(Fault::ManifestInvalid(format!("it came as {said:.100}, and calls itself {own:.100}")));
            }
            (Some(own), _) => own,
            (None, Some(said)) => said.to_owned(),
            (None, None) => return invalid("it doesn't say its mediaType, and there is no Content-Type"),
        };
        let document = if IMAGE.contains(&media_type.as_str()) {
            // Whatever is read as two different things is somebody's trick (CVE-2021-41190).
            let (Some(config), None) = (raw.config, raw.manifests) else {
                return invalid("an image's manifest has a config, and no manifests");
            };
            let artifact_type = raw.artifact_type.unwrap_or_else(|| config.media_type.clone());
            let layers = raw.layers.unwrap_or_default();
            let blobs = std::iter::once(config).chain(layers).filter(|blob| !blob.is_elsewhere()).collect();
            (blobs, Vec::new(), Some(artifact_type))
        } else if INDEX.contains(&media_type.as_str()) {
            let (Some(manifests), None, None) = (raw.manifests, raw.config, raw.layers) else {
                return invalid("an index has manifests, and neither a config nor layers");
            };
            (Vec::new(), manifests, raw.artifact_type)
        } else {
            return Err(Fault::ManifestInvalid(format!(
                "{media_type:.100} is not kept here: images and indexes are, OCI's and Docker's"
            )));
        };
        let (blobs, parts, artifact_type): (Vec<Descriptor>, Vec<Descriptor>, _) = document;
        if blobs.len() + parts.len() > MOST_DESCRIPTORS {
            return invalid("it refers to more than 4096 others");
        }
        for descriptor in blobs.iter().chain(&parts).chain(&raw.subject) {
            check_digest(&descriptor.digest)?;
        }
        let subject = raw.subject.map(|subject| subject.digest);
        Ok(Self { media_type, blobs, parts, subject, artifact_type, annotations: raw.annotations })
    }
}

impl Descriptor {
    /// Layers that may not be given on, as those of Windows: clients get them from where they are.
    fn is_elsewhere(&self) -> bool {
        let may_not_be_distributed =
            self.media_type.contains(".nondistributable.") || self.media_type.contains(".foreign.");
        may_not_be_distributed && !self.urls.is_empty()
    }
}
