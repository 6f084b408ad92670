//! The keeper: the small process that owns the running processes of one virtual host.
//!
//! It has one thread, one loop and no runtime, and it never blocks on anything that a tenant can hold up. What it cannot
//! tell the engine it appends to `keeper.log` beside its socket, 256 KiB at most.
//!
//! The keeper is in the control group of the server that started it: a service manager that ends a service by killing its
//! group (systemd's default) ends the keepers too, and with them the containers; `KillMode=process` leaves them alone.

mod attached;
mod build;
mod canary;
mod engines;
mod files;
mod job;
mod launch;
mod lifecycle;
mod log;
mod log_file;
mod poller;
mod requests;
mod ring;
mod setup;
mod shortage;
mod signal;
mod stop;
mod streams;
mod supervised;
mod supervisor;
mod sweep;

pub mod client;
pub mod hello;
pub mod protocol;

pub(crate) use setup::run;
pub use sweep::sweep;

use std::fmt::Arguments;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Version of [`protocol`] that this keeper speaks: a newer server finds older keepers.
///
/// 2: [`protocol::Request::Terminal`]. 3: names of the files beside [`hello::Hello`]. 4: [`crate::process::Bind`].
pub const VERSION: u32 = 4;

/// What a keeper writes to its own log at most, in bytes.
const MOST_COMPLAINTS: usize = 256 * 1024;

/// Path of a virtual host's cgroup below each hierarchy's root.
pub fn cgroup_of(host: &str) -> String {
    format!("lernhafen/{host}")
}

/// Writes to the keeper's own log what went wrong without anybody to tell it to.
fn complain(what: Arguments<'_>) {
    static WRITTEN: AtomicUsize = AtomicUsize::new(0);
    let message = what.to_string();
    if WRITTEN.fetch_add(message.len(), Ordering::Relaxed) < MOST_COMPLAINTS {
        eprintln!("{} {message}", jiff::Timestamp::now());
    }
}
