//! A client of OCI and Docker registries (OCI distribution-spec 1.1, Docker Registry HTTP API V2).
//!
//! Not the crate `oci-client`: it makes its connections itself, so that one could neither decide where they go (a learner may name any
//! registry, and the machine would knock at every door in its network for them), nor speak from within a virtual host, nor refuse a
//! redirect, nor bound what is held in memory. Here every connection, also that of a redirect and of a token's giver, is made by a
//! [`Dial`] of the caller's.

mod address;
mod challenge;
mod client;
mod connection;
mod credentials;
mod dial;
mod download;
mod endpoint;
mod error;
mod login;
mod manifest;
mod origin;
mod platform;
mod repository;
mod tags;
mod token;
mod upload;

pub use client::{Client, Config, Timeouts, is_local};
pub use credentials::Credentials;
pub use dial::{Dial, Dialed, PublicNetwork, Stream};
pub use download::Download;
pub use error::{Error, Kind, Result};
pub use manifest::{
    DOCKER_INDEX, DOCKER_MANIFEST, Descriptor, FoundImage, ImageManifest, LARGEST_MANIFEST, Manifest, OCI_INDEX,
    OCI_MANIFEST,
};
pub use platform::Platform;
pub use repository::Repository;
