//! Manifests: what an image is made of, and lists of images for several platforms.

mod content;
mod descriptor;
mod platform;

pub use content::{Content, ImageManifest, Index};
pub use descriptor::Descriptor;
pub use platform::Platform;

use crate::{Digest, Error, Result, json, text};
use bytes::Bytes;
use serde::Deserialize;

/// The types of manifests.
pub mod media_type {
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
    pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

    /// What a client that understands them all says so with.
    pub(crate) const ALL: [&str; 4] = [DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX];
}

/// A manifest as the registry has it, byte for byte: its digest names these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub bytes: Bytes,
    /// Of `bytes`, computed here.
    pub digest: Digest,
    /// One of [`media_type`].
    pub media_type: String,
}

/// More is no manifest. Docker's limit.
pub(crate) const LARGEST_MANIFEST: usize = 4 << 20;

/// What all kinds of manifests say of themselves.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Outline {
    schema_version: u64,
    media_type: String,
    manifests: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
}

impl Manifest {
    /// Checks what it is; `announced` is the type that the registry says it has.
    ///
    /// # Errors
    /// It is none, one of a kind that is no more, or the two types differ.
    pub fn read(bytes: Bytes, announced: Option<&str>) -> Result<Self> {
        let digest = Digest::of(&bytes);
        let wrong = |what: &str| Error::Lied(format!("manifest {digest} is wrong: {what}"));
        if announced.is_some_and(|kind| kind.starts_with("application/vnd.docker.distribution.manifest.v1+")) {
            return Err(too_old());
        }
        let outline: Outline = json::from_slice(&bytes).map_err(|e| wrong(&text::shown(&e.to_string())))?;
        if outline.schema_version == 1 {
            return Err(too_old());
        }
        let announced = announced.filter(|kind| is_telling(kind));
        let said = Some(outline.media_type.as_str()).filter(|kind| !kind.is_empty());
        if let (Some(announced), Some(said)) = (announced, said)
            && announced != said
        {
            let said = text::shown(said);
            return Err(wrong(&format!("it is announced as {}, and says that it is {said}", text::shown(announced))));
        }
        let has_manifests = outline.manifests.is_some();
        let is_image = outline.config.is_some() || outline.layers.is_some();
        let guessed = if has_manifests { media_type::OCI_INDEX } else { media_type::OCI_MANIFEST };
        let media_type = said.or(announced).unwrap_or(guessed).to_owned();
        if !media_type::ALL.contains(&media_type.as_str()) {
            return Err(Error::Unsupported(format!("unsupported manifest media type: {}", text::shown(&media_type))));
        }
        // What one reads as an image and another as a list has one digest for two contents.
        if has_manifests && is_image {
            return Err(wrong("it is an image and a list of images at once"));
        }
        // A list of nothing is written as `null`.
        let fits = if is_list_type(&media_type) { !is_image } else { is_image };
        if !fits {
            return Err(wrong(&format!("it has not what {media_type} has")));
        }
        Ok(Self { bytes, digest, media_type })
    }

    pub fn is_index(&self) -> bool {
        is_list_type(&self.media_type)
    }
}

pub(crate) fn is_list_type(media_type: &str) -> bool {
    media_type == media_type::OCI_INDEX || media_type == media_type::DOCKER_LIST
}

/// Whether a type says more than that something came. Registries on plain file servers say nothing better.
fn is_telling(media_type: &str) -> bool {
    !matches!(media_type, "application/json" | "application/octet-stream" | "text/plain" | "binary/octet-stream")
}

fn too_old() -> Error {
    Error::Unsupported(
        "docker manifest v1 is no longer supported: the image was made for a Docker of before 2016, and somebody who has it \
         must push it again with a newer one"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    const IMAGE: &str = r#"{"schemaVersion":2,"config":{},"layers":[]}"#;

    fn read(json: &str, announced: Option<&str>) -> Result<Manifest> {
        Manifest::read(Bytes::from(json.to_owned()), announced)
    }

    #[test]
    fn the_type_is_what_both_say() {
        let oci =
            format!(r#"{{"schemaVersion":2,"mediaType":"{}","config":{{}},"layers":[]}}"#, media_type::OCI_MANIFEST);
        for (json, announced, is) in [
            (IMAGE, Some(media_type::DOCKER_MANIFEST), media_type::DOCKER_MANIFEST),
            (IMAGE, None, media_type::OCI_MANIFEST),
            (IMAGE, Some("application/json"), media_type::OCI_MANIFEST),
            (&oci, None, media_type::OCI_MANIFEST),
            (&oci, Some(media_type::OCI_MANIFEST), media_type::OCI_MANIFEST),
            (&oci, Some("text/plain"), media_type::OCI_MANIFEST),
            (r#"{"manifests":[]}"#, None, media_type::OCI_INDEX),
            (r#"{"mediaType":null,"manifests":[],"config":null,"layers":null}"#, None, media_type::OCI_INDEX),
            (r#"{"manifests":null}"#, Some(media_type::DOCKER_LIST), media_type::DOCKER_LIST),
            (r#"{"mediaType":"","config":{},"layers":null}"#, None, media_type::OCI_MANIFEST),
        ] {
            assert_eq!(read(json, announced).unwrap().media_type, is, "{json} {announced:?}");
        }
        assert!(matches!(read(&oci, Some(media_type::DOCKER_MANIFEST)), Err(Error::Lied(_))));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let both = r#"{"schemaVersion":2,"config":{},"layers":[],"manifests":[]}"#;
        for (json, announced) in [
            (both, Some(media_type::OCI_INDEX)),
            (both, Some(media_type::OCI_MANIFEST)),
            (IMAGE, Some(media_type::OCI_INDEX)),
            (r#"{"manifests":[]}"#, Some(media_type::OCI_MANIFEST)),
            (r#"{"config":{},"config":{},"layers":[]}"#, None),
            ("{}", None),
            ("[]", None),
            ("", None),
            (&"[".repeat(100_000), None),
        ] {
            assert!(matches!(read(json, announced), Err(Error::Lied(_))), "{announced:?}");
        }
    }

    #[test]
    fn old_and_unknown_kinds_are_named() {
        let old = "application/vnd.docker.distribution.manifest.v1+prettyjws";
        for error in [read("{}", Some(old)), read(r#"{"schemaVersion":1,"fsLayers":[]}"#, None)] {
            let error = error.unwrap_err();
            assert!(
                matches!(&error, Error::Unsupported(words) if words.starts_with("docker manifest v1 is no longer supported"))
            );
        }
        assert!(matches!(read(IMAGE, Some("application/vnd.example+json")), Err(Error::Unsupported(_))));
    }
}
