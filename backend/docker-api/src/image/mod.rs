//! `/images`: what there is on this host, and what comes and goes.

mod commit;
mod credentials;
mod filter;
mod import;
mod inspect;
mod list;
mod load;
mod platform;
mod progress;
mod pull;
mod push;
mod save;

pub(crate) use commit::commit;
pub(crate) use credentials::AuthConfig;
pub(crate) use inspect::inspect;
pub(crate) use list::{Summary, list};
pub(crate) use load::load;
pub(crate) use pull::pull;
pub(crate) use push::push;
pub(crate) use save::{save, save_one};
