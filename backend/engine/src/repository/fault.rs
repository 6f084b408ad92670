//! What can be wrong with a request to a registry.

use crate::Error;

/// Why something is refused; each is one of the specification's error codes, or nobody's fault but ours.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("repository name not known to registry: {0}")]
    NameUnknown(String),
    #[error(
        "invalid repository name {0:.100?}: lower-case letters, digits, and . _ - between them, parts separated by /"
    )]
    NameInvalid(String),
    #[error("invalid tag {0:.150?}: letters, digits and _ . -, at most 128, and neither . nor - at the beginning")]
    TagInvalid(String),
    #[error("blob unknown to registry: {0}")]
    BlobUnknown(String),
    #[error("manifest unknown: {0}")]
    ManifestUnknown(String),
    /// Blobs or manifests that a pushed manifest refers to.
    #[error("the repository lacks what the manifest refers to: {}", .0.join(", "))]
    ManifestBlobUnknown(Vec<String>),
    #[error("manifest invalid: {0}")]
    ManifestInvalid(String),
    #[error("manifest invalid: it has {size} bytes, and {most} is the most")]
    ManifestTooLarge { size: u64, most: u64 },
    #[error("{0:.200?} is no digest that is known here: it would be sha256: and 64 hexadecimal digits")]
    DigestMalformed(String),
    #[error("provided digest did not match uploaded content: what came has {actual}, not {expected}")]
    DigestWrong { expected: String, actual: String },
    #[error("blob upload unknown to registry: {0:.100?}. It was finished, cancelled, or not gone on with for a day")]
    UploadUnknown(String),
    /// The next byte that is wanted is number `size`.
    #[error("the chunk does not continue the upload, which has {size} bytes")]
    OutOfOrder { size: u64 },
    #[error("another request is writing to this upload")]
    UploadBusy,
    #[error("{0}")]
    SizeWrong(String),
    /// A limit of the registry's, or something that others still need.
    #[error("{0}")]
    Denied(String),
    #[error("{0}")]
    InUse(String),
    #[error("{0}")]
    TooMany(String),
    #[error(transparent)]
    Broken(#[from] Error),
}

pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(error.into())
    }
}

impl Fault {
    pub(super) fn io(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Broken(Error::system(format!("{what}: {error}")))
    }
}
