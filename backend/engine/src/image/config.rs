//! An image as it is known to a virtual host.

use oci_spec::image::{Config, ImageConfiguration};

/// An image with its OCI configuration. Its id is the digest of the configuration's bytes.
#[derive(Debug, Clone)]
pub struct Image {
    /// `sha256:…`
    pub id: String,
    pub config: ImageConfiguration,
    /// Unpacked size, in bytes.
    pub size: u64,
    /// `name:tag`, as this virtual host has it.
    pub repo_tags: Vec<String>,
    /// Nanoseconds since the epoch.
    pub created: i64,
}

/// One line of `docker images`.
#[derive(Debug, Clone)]
pub struct ImageSummary {
    pub image: Image,
    /// Containers of this host that use it.
    pub containers: usize,
}

/// What [`super::Store::import`] makes an image of, beside the archive of its files.
#[derive(Debug, Clone, Default)]
pub struct NewImage {
    /// Names that it gets in the catalogue; one that another image had is that image's no longer.
    pub names: Vec<super::Reference>,
    pub config: Config,
    /// Nanoseconds since the epoch.
    pub created: i64,
    /// What `docker history` says that made it.
    pub created_by: String,
}
