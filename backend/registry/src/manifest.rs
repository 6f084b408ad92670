//! What an image is made of: manifests, and indexes of those for several machines.

use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result, shown};
use crate::platform::Platform;
use crate::repository::{Operation, Repository, header};
use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Bytes of a manifest, as registries have it (distribution-spec, "pushing manifests").
pub const LARGEST_MANIFEST: usize = 4 << 20;

/// Layers, or manifests of an index.
const MOST_PARTS: usize = 1000;

/// Indexes in one another.
const DEEPEST: usize = 3;

/// Bytes of a blob: no disk is larger.
const LARGEST_BLOB: u64 = 1 << 50;

pub(crate) const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// A document as a registry has it.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub bytes: Bytes,
    /// `sha256:…` of the bytes, computed here.
    pub digest: String,
    pub media_type: String,
}

/// An image for one machine.
#[derive(Debug, Clone)]
pub struct FoundImage {
    /// Of what the tag names: the index if there is one.
    pub digest: String,
    pub image: ImageManifest,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageManifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
}

/// What a manifest says of something else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Descriptor {
    pub media_type: String,
    pub digest: String,
    /// Bytes.
    pub size: u64,
    #[serde(skip)]
    platform: Option<Platform>,
}

#[derive(Debug, Deserialize)]
struct Index {
    manifests: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(flatten)]
    descriptor: Descriptor,
    platform: Option<Platform>,
}

/// What tells the kinds of documents apart.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinds {
    schema_version: Option<u64>,
    media_type: Option<String>,
    config: Option<serde::de::IgnoredAny>,
    manifests: Option<serde::de::IgnoredAny>,
}

impl Descriptor {
    /// Of what is to be sent.
    pub fn new(media_type: &str, digest: &str, size: u64) -> Self {
        Self { media_type: media_type.to_owned(), digest: digest.to_owned(), size, platform: None }
    }
}

impl Repository {
    /// The document that a tag or a digest names. Mirrors are asked first.
    ///
    /// # Errors
    /// Nobody has it, it isn't what was asked for, or it is too large.
    pub async fn manifest(&self, reference: &str) -> Result<Manifest> {
        let mut first = None;
        for endpoint in self.endpoints() {
            match self.manifest_of(endpoint, reference).await {
                Err(error) if endpoint.is_mirror => {
                    tracing::debug!(mirror = %endpoint.origin(), %error, "the mirror doesn't help");
                }
                Err(error) => drop(first.get_or_insert(error)),
                found => return found,
            }
        }
        Err(first.unwrap_or_else(|| Error::new(Kind::Unreachable, "there is nobody to ask")))
    }

    /// The image that a tag or digest names, for a machine: of several, the nearest.
    ///
    /// # Errors
    /// As of [`Self::manifest`]; there is none for the machine; it is no image.
    pub async fn image(&self, reference: &str, platform: &Platform) -> Result<FoundImage> {
        let mut manifest = self.manifest(reference).await?;
        let digest = manifest.digest.clone();
        for _ in 0..=DEEPEST {
            if !is_index(&manifest.media_type) {
                return Ok(FoundImage { digest, image: image(&manifest)? });
            }
            let entry = choose(&manifest, platform)?;
            manifest = self.manifest(&entry.digest).await?;
        }
        Err(Error::new(Kind::Broken, format!("{}: indexes of indexes of indexes: that is no image", self.shown())))
    }

    async fn manifest_of(&self, endpoint: &Endpoint, reference: &str) -> Result<Manifest> {
        let is_digest = is_sha256(reference);
        let separator = if is_digest { '@' } else { ':' };
        let what = format!(
            "{}{separator}{}",
            self.shown().trim_start_matches("docker.io/").trim_start_matches("library/"),
            shown(reference)
        );
        let accept = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST].join(", ");
        let url = self.url(&format!("manifests/{reference}"));
        let answer = self.ask(endpoint, Operation::Pull, &Method::GET, &url, &header(ACCEPT, &accept)?, None).await?;
        if !answer.status.is_success() {
            return Err(self.failure(&what, answer).await);
        }
        let told = answer.header(CONTENT_DIGEST).map(str::to_owned);
        let content_type = answer.header(CONTENT_TYPE).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().trim().to_owned();
        let bytes = answer.bytes(LARGEST_MANIFEST).await?;
        let digest = sha256(&bytes);
        let wanted = if is_digest { Some(reference.to_owned()) } else { told };
        if let Some(wanted) = wanted.filter(|wanted| is_sha256(wanted) && *wanted != digest) {
            return Err(Error::new(
                Kind::Lied,
                format!("{what}: manifest verification failed for digest {wanted}: what came has {digest}"),
            ));
        }
        let media_type = media_type(&what, &content_type, &bytes)?;
        Ok(Manifest { bytes, digest, media_type })
    }

    /// Puts a document under a tag or its digest.
    ///
    /// # Errors
    /// The registry doesn't want it.
    pub async fn put_manifest(&self, reference: &str, media_type: &str, bytes: &[u8]) -> Result<()> {
        let url = self.url(&format!("manifests/{reference}"));
        let headers = header(CONTENT_TYPE, media_type)?;
        let body = Some(Bytes::copy_from_slice(bytes));
        let answer = self.ask(self.home()?, Operation::Push, &Method::PUT, &url, &headers, body).await?;
        if answer.status.is_success() { Ok(()) } else { Err(self.failure(&self.shown(), answer).await) }
    }
}

/// What a document is, by itself and by what came with it.
fn media_type(what: &str, content_type: &str, bytes: &[u8]) -> Result<String> {
    let broken = |why: String| Error::new(Kind::Broken, format!("{what}: {why}"));
    let kinds: Kinds = serde_json::from_slice(bytes).map_err(|_| {
        let page = bytes.trim_ascii_start().starts_with(b"<");
        let kind = if page { "a page of HTML" } else { "no manifest" };
        broken(format!("what answers there is no registry, or a broken one: it sent {kind}"))
    })?;
    if kinds.schema_version == Some(1) {
        return Err(Error::new(
            Kind::Unsupported,
            format!(
                "{what}: Docker Image Format v1 and Docker Image manifest version 2, schema 1 are no longer supported: the image must be built again"
            ),
        ));
    }
    let known = |name: &str| [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST].contains(&name);
    let own = kinds.media_type.filter(|own| !own.is_empty());
    if let Some(own) = &own
        && known(content_type)
        && own != content_type
    {
        return Err(broken(format!("the manifest says that it is {}, the registry {content_type}", shown(own))));
    }
    let named = own.unwrap_or_else(|| content_type.to_owned());
    match (kinds.manifests.is_some(), kinds.config.is_some()) {
        (true, true) => Err(broken("it is an image and an index at once".to_owned())),
        (true, false) => Ok(if is_index(&named) { named } else { OCI_INDEX.to_owned() }),
        (false, true) if is_index(&named) => Err(broken("it is no index, and says that it is".to_owned())),
        (false, true) => Ok(if known(&named) { named } else { OCI_MANIFEST.to_owned() }),
        (false, false) => Err(broken("it is no manifest of an image".to_owned())),
    }
}

fn is_index(media_type: &str) -> bool {
    matches!(media_type, OCI_INDEX | DOCKER_INDEX)
}

fn image(manifest: &Manifest) -> Result<ImageManifest> {
    let wrong = |why: &str| Error::new(Kind::Broken, format!("manifest {}: {why}", manifest.digest));
    let image: ImageManifest = serde_json::from_slice(&manifest.bytes).map_err(|error| wrong(&error.to_string()))?;
    if image.layers.len() > MOST_PARTS {
        return Err(wrong("it has more layers than any image"));
    }
    let is_image = image.config.media_type.is_empty()
        || image.config.media_type.starts_with("application/vnd.docker.container.image.")
        || image.config.media_type.starts_with("application/vnd.oci.image.config.");
    if !is_image {
        return Err(Error::new(
            Kind::Unsupported,
            format!(
                "manifest {} is of something else than an image: {}",
                manifest.digest,
                shown(&image.config.media_type)
            ),
        ));
    }
    for part in image.layers.iter().chain([&image.config]) {
        if !is_sha256(&part.digest) || part.size > LARGEST_BLOB {
            return Err(wrong(&format!("it names a blob that can't be: {:?}", shown(&part.digest))));
        }
    }
    Ok(image)
}

fn choose(manifest: &Manifest, platform: &Platform) -> Result<Descriptor> {
    let wrong = |why: &str| Error::new(Kind::Broken, format!("index {}: {why}", manifest.digest));
    let index: Index = serde_json::from_slice(&manifest.bytes).map_err(|error| wrong(&error.to_string()))?;
    if index.manifests.len() > MOST_PARTS {
        return Err(wrong("it has more entries than any"));
    }
    let distance = |entry: &Entry| match &entry.platform {
        Some(other) if !other.os.is_empty() => platform.distance(other),
        // An index within an index needs no machine.
        _ => Some(usize::MAX),
    };
    let near = index.manifests.iter().filter_map(|entry| Some((distance(entry)?, entry)));
    let found = near.min_by_key(|(distance, _)| *distance);
    let Some((_, entry)) = found else {
        return Err(Error::new(
            Kind::NotFound,
            format!("no matching manifest for {platform} in the manifest list entries"),
        ));
    };
    if !is_sha256(&entry.descriptor.digest) {
        return Err(wrong("it names a manifest that can't be"));
    }
    Ok(entry.descriptor.clone())
}

pub(crate) fn is_sha256(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or("");
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    name(&Sha256::digest(bytes))
}

pub(crate) fn name(digest: &[u8]) -> String {
    digest.iter().fold("sha256:".to_owned(), |mut name, byte| {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}
