//! Virtual hosts and what is on them: images, containers, networks.
//!
//! Knows nothing of HTTP, of the Docker API's JSON, or of workshops. The processes themselves belong to the
//! keepers ([`runtime::keeper`]); this crate decides what should run, and records what did.

pub mod container;
pub mod db;
pub mod event;
pub mod host;
pub mod image;
pub mod repository;

mod disk;
mod dockerfile;
mod engine;
mod error;
mod keeper;
mod network;
mod policy;
mod taken;
mod time;
mod tree;

#[cfg(test)]
mod testing;

pub use disk::{LARGEST_MIB, SMALLEST_MIB};
pub use engine::{Engine, EngineConfig, HostSpec};
pub use error::{Error, ErrorKind, Result};
pub use host::VirtualHost;
pub use policy::Policy;
/// Also the engine's clients read what comes from outside as Go does.
pub use registry::json;
pub use taken::taken;
