//! Whether what a registry has is an image: charts, attestations, models and plugins are kept there as well.

use crate::{Error, Result};
use registry::{ImageManifest, Manifest, media_type};

/// What the configurations of images are called in Docker's own manifests, old ones included.
const CONFIGURATIONS: [&str; 6] = [
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/octet-stream",
    "application/json",
    "text/html",
    "",
];

/// What the parts of images are called, or what their names begin with.
const PARTS: [&str; 6] = [
    "application/vnd.oci.image",
    "application/vnd.docker",
    "application/octet-stream",
    "application/json",
    "text/html",
    "",
];

const PLUGIN: &str = "application/vnd.docker.plugin.v1+json";

/// Before anything is said of the pull: one of Docker's manifests that is of something else. Errors in Docker's words.
pub(super) fn check_manifest(manifest: &Manifest, content: &ImageManifest) -> Result<()> {
    let kind = content.config.media_type.as_str();
    if manifest.media_type != media_type::DOCKER_MANIFEST || CONFIGURATIONS.contains(&kind) {
        return Ok(());
    }
    let class = if kind == PLUGIN { "plugin" } else { "unknown" };
    Err(Error::invalid(format!("Encountered remote {kind:?}({class}) when fetching")))
}

/// Configuration and layers. Errors in Docker's words.
pub(super) fn check_parts(content: &ImageManifest) -> Result<()> {
    let parts = std::iter::once(&content.config).chain(&content.layers);
    parts.map(|part| part.media_type.as_str()).try_for_each(check_part)
}

fn check_part(kind: &str) -> Result<()> {
    let lower = kind.to_ascii_lowercase();
    if lower.starts_with("application/vnd.docker.ai.") {
        return Err(Error::invalid(
            "AI models are not yet supported by the Engine, please use \"docker model pull/run\" instead",
        ));
    }
    let is_known = |known: &str| lower.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if PARTS.into_iter().any(is_known) {
        return Ok(());
    }
    Err(Error::invalid(format!("unsupported media type {kind}")))
}

/// Errors in Docker's words: what an image's configuration says it is for is no Linux.
pub(super) fn check_os(os: &str) -> Result<()> {
    match os {
        "" | "linux" => Ok(()),
        other => Err(Error::invalid(format!(
            "image operating system {other:?} cannot be used on this platform: operating system is not supported"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_images_are_told_from_others() {
        for kind in [
            "application/vnd.oci.image.layer.v1.tar+zstd",
            "Application/Vnd.OCI.image.config.v1+json",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "application/octet-stream",
            "",
        ] {
            assert!(check_part(kind).is_ok(), "{kind}");
        }
        for kind in
            ["application/vnd.cncf.helm.config.v1+json", "application/vnd.in-toto+json", "application/vnd.oci.images"]
        {
            let message = check_part(kind).err().map(|error| error.message).unwrap_or_default();
            assert_eq!(message, format!("unsupported media type {kind}"));
        }
    }
}
