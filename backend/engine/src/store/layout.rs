//! The documents of archives of images: Docker's `manifest.json` beside those of an OCI layout.

use super::Platform;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const REPOSITORIES: &str = "repositories";
pub(super) const INDEX: &str = "index.json";
pub(super) const LAYOUT: &str = "oci-layout";

pub(super) const IMAGE_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const IMAGE_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const IMAGE_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Annotations of a manifest in an index: the image's whole name, and (OCI's) the tag, or what a tool takes for it.
pub(super) const IMAGE_NAME: &str = "io.containerd.image.name";
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// An image in `manifest.json`; the values are paths in the archive.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct ManifestItem {
    pub(super) config: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) parent: String,
    /// Only written.
    #[serde(skip_deserializing)]
    pub(super) layer_sources: BTreeMap<String, LayerSource>,
}

/// The same as a [`Descriptor`], in the order that Docker writes it in here.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LayerSource {
    pub(super) media_type: &'static str,
    pub(super) size: u64,
    pub(super) digest: String,
}

/// OCI's reference to a blob.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) annotations: BTreeMap<String, String>,
    /// Only read.
    #[serde(skip_serializing)]
    pub(super) platform: Option<Platform>,
}

/// OCI's index or image manifest: which of the two says `manifests`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Manifest {
    pub(super) schema_version: u32,
    pub(super) media_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) config: Option<Descriptor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) layers: Option<Vec<Descriptor>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) manifests: Option<Vec<Descriptor>>,
}

/// Where an OCI layout has a blob.
pub(super) fn blob_path(digest: &str) -> String {
    format!("blobs/{}", digest.replacen(':', "/", 1))
}
