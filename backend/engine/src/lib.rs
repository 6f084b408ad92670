//! Virtual hosts and what is on them: images, containers, networks, volumes.
//!
//! Knows nothing of HTTP, of the Docker API's JSON, or of workshops. The processes themselves belong to the
//! keepers ([`runtime::keeper`]); this crate decides what should run, and records what did.
//!
//! Who may know whom, the highest first; nobody knows what stands above:
//!
//! | modules | what they are |
//! |---|---|
//! | `engine` | all virtual hosts of the machine |
//! | `host` | one of them, with a list of the kinds of things on it |
//! | `container` | a kind: what was asked for, what is kept, a file per verb with its arguments, its events |
//! | `parts` | what all hosts share |
//! | `image`, `network`, `volume` | kinds that containers need; they don't know each other |
//! | `repository`, `dockerfile` | what is made of the store |
//! | `store` | images as the machine keeps them |
//! | `keeper`, `disk`, `db`, `event`, `namespace` | what of the machine hosts are made of |
//! | `accept`, `blocking`, `du`, `error`, `id`, `label`, `pattern`, `signal`, `taken`, `time`, `tree`, `turns` | words and tools |
//!
//! A kind knows `host`, too, though that stands above: every verb is an `impl VirtualHost`. `cargo xtask check` keeps the order.

pub mod container;
pub mod db;
pub mod event;
pub mod host;
pub mod image;
pub mod network;
pub mod repository;
pub mod volume;

mod accept;
mod blocking;
mod disk;
mod dockerfile;
mod du;
mod engine;
mod error;
mod id;
mod keeper;
mod label;
mod namespace;
mod parts;
mod pattern;
mod signal;
mod store;
mod taken;
mod time;
mod tree;
mod turns;

#[cfg(test)]
mod testing;

pub use accept::{Listener, accept};
pub use container::Policy;
pub use disk::{LARGEST_MIB, SMALLEST_MIB};
pub use engine::Engine;
pub use error::{Error, ErrorKind, Result};
pub use host::{HostRules, HostSpec, VirtualHost};
pub use id::{ContainerId, HostId, ImageId};
pub use parts::EngineConfig;
pub use pattern::Pattern;
/// Also the engine's clients read what comes from outside as Go does.
pub use registry::json;
pub use taken::taken;
