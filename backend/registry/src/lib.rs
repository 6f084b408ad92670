//! The client of image registries: what `docker pull`, `push`, `login` and `search` need of them.
//!
//! Begin with a [`Client`], one for the whole server; a [`Repository`] is one repository for one request of a user, with
//! that user's [`Credentials`] and the [`Dial`] that says which network it is reached from.
//!
//! Everything that a registry says is hostile: a learner may name any registry, and run one. So each answer is bounded in
//! size, each wait in time, each redirect goes through the same [`Dial`], and what has a digest is compared with it.
//! Nothing here touches a disk or knows of virtual hosts, and no type of HTTP is in the interface.
//!
//! Why not the crate `oci-client`: it makes its own HTTP client. With it we could neither decide where connections go (a
//! learner who names a registry would make the server connect to any address of the machine's network), nor look at
//! redirects, nor bound a manifest's size, nor speak from within a virtual host's network namespace.

pub mod json;

mod auth;
mod challenge;
mod client;
mod config;
mod credentials;
mod dial;
mod digest;
mod error;
mod http;
mod manifest;
mod peer;
mod refusal;
mod repository;
mod search;
mod source;
mod text;

pub use client::Client;
pub use config::{Config, HostConfig, Retries, Timeouts};
pub use credentials::Credentials;
pub use dial::{Dial, DialError, Dialing, PrivateAddress, PublicNetwork, Stream, is_public};
pub use digest::Digest;
pub use error::{Error, Result, Unreachable};
pub use manifest::{Content, Descriptor, ImageManifest, Index, Manifest, Platform, media_type};
pub use repository::{Download, Image, Repository, Resolved};
pub use search::Found;
pub use source::{Opening, Source};
