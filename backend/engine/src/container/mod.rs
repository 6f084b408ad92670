//! Containers: what is asked for, what is recorded, and every verb in a file of its own.

mod attach;
mod create;
mod entry;
mod exec;
mod exit;
mod files;
mod kill;
mod list;
mod log;
mod lookup;
mod name;
mod oci;
mod record;
mod remove;
mod resize;
mod rootfs;
mod signal;
mod spec;
mod start;
mod state;
mod stop;
mod user;
mod wait;

pub use oci::SHM_SIZE;
pub use runtime::defaults::{MASKED_PATHS, READONLY_PATHS};
pub use spec::{ContainerSpec, Resources};
pub use state::{Container, ContainerState, Endpoint, Status};
pub use wait::Waiter;

pub(crate) use attach::stream;
pub(crate) use entry::Entry;
pub(crate) use exec::ExecEntry;
pub(crate) use files::make_workstation;
pub(crate) use name::id as new_id;
pub(crate) use oci::workstation_spec;
pub(crate) use record::load;
pub(crate) use rootfs::Rootfs;
