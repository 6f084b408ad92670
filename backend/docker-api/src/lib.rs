//! The Docker Engine API, version 1.51, over one virtual host.
//!
//! Knows nothing of workshops, and nothing of the machine: every question is the engine's to answer. What this crate
//! owns is the shape: paths, versions, parameters, bodies, streams, and the words that Docker's clients look for.

mod body;
mod container;
mod detach;
mod error;
mod exec;
mod frame;
mod hijack;
mod image;
mod json;
mod network;
mod not_yet;
mod path;
mod query;
mod router;
mod serve;
mod system;
mod time;
mod version;
mod volume;

pub use router::router;
pub use serve::serve;
