//! An image as it is known to a virtual host.

use super::document::ImageConfig;
use crate::id::ImageId;
use crate::label;

/// An image with its configuration. Its id is the digest of the configuration's bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    pub id: ImageId,
    pub config: ImageConfig,
    /// Unpacked size, in bytes.
    pub size: u64,
    /// `name:tag`, as this virtual host has it.
    pub repo_tags: Vec<String>,
    /// `name@sha256:…`: by which digests registries know it.
    pub repo_digests: Vec<String>,
    /// The image that it was committed or built from.
    pub parent: Option<ImageId>,
    /// Nanoseconds since the epoch; 0 if the image doesn't say.
    pub created: i64,
    /// When it last got a name here, in nanoseconds since the epoch; 0: never.
    pub tagged: i64,
}

impl Image {
    /// Whether it has a label: `name`, or `name=value`.
    pub fn has_label(&self, wanted: &str) -> bool {
        self.config.config.labels.as_ref().is_some_and(|labels| label::has(labels, wanted))
    }
}

/// One line of `docker images`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSummary {
    pub image: Image,
    /// Containers of this host that use it.
    pub containers: usize,
    /// Whether other images of the host were made of it.
    pub is_parent: bool,
}

/// What [`super::Store::import`] makes an image of, beside the archive of its files.
#[derive(Debug, Clone, Default)]
pub struct NewImage {
    /// Names that it gets in the catalogue; one that another image had is that image's no longer.
    pub names: Vec<super::Reference>,
    pub config: super::Defaults,
    /// Nanoseconds since the epoch.
    pub created: i64,
    /// What `docker history` says that made it.
    pub created_by: String,
    /// The image that the archive's files lie on.
    pub base: Option<Image>,
}
