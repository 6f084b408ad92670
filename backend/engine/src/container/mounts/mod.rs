//! What of the virtual host a container sees: volumes, and what its workstation has.
//!
//! What was asked for ([`Mounts`]) is kept as it came, to be shown again; what comes of it, once and for all, are mount points
//! ([`MountPoint`]), one for each place in the container. They are bound when it starts (`bind.rs`).

mod asked;
mod bind;
mod event;
mod fill;
mod mode;
mod point;
mod raw;
mod resolve;
mod typed;

pub use asked::{BindOptions, Driver, Mount, Mounts, TmpfsOptions, VolumeOptions};
pub use point::{MountKind, MountPoint};

pub(crate) use resolve::Resolved;
