//! An image as it is known to a virtual host.

use oci_spec::image::ImageConfiguration;

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
