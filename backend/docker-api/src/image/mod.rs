//! `/images`: what there is on this host. Images come with the workshop; pulling and building are not there yet.

mod commit;
mod filter;
mod import;
mod inspect;
mod list;
mod load;
mod platform;
mod pull;
mod save;

pub(crate) use commit::commit;
pub(crate) use inspect::inspect;
pub(crate) use list::{Summary, list};
pub(crate) use load::load;
pub(crate) use pull::pull;
pub(crate) use save::{save, save_one};
