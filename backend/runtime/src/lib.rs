//! An OCI runtime for virtual hosts: `config.json` in, confined process out.
//!
//! This is the only crate with `unsafe`. It knows nothing of images, of HTTP, or of workshops.
//! The [`keeper`] owns the running processes of one virtual host; [`zygote`] forks keepers.

pub mod cgroup;
pub mod defaults;
pub mod disk;
pub mod failure;
pub mod files;
pub mod init;
pub mod keeper;
pub mod process;
pub mod seccomp;
pub mod wire;
pub mod zygote;

mod beneath;
mod filesystem;
mod sys;

pub use sys::unread_by_peer;
