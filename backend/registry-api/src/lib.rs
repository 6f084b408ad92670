//! The OCI distribution specification, version 1.1, over the engine's repositories: what `docker push`, `skopeo` and others speak.
//!
//! Knows nothing of workshops, and nothing of the machine. Everything from outside is bounded: heads, bodies, times, connections.

mod base;
mod blob;
mod error;
mod gate;
mod manifest;
mod page;
mod path;
mod patient;
mod query;
mod range;
mod receive;
mod registry;
mod router;
mod serve;
mod tags;
mod upload;

pub use gate::{Gate, Password};
pub use router::router;
pub use serve::{serve, serve_stream};
