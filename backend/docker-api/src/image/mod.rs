//! `/images`: what there is on this host. Images come with the workshop; pulling and building are not there yet.

mod filter;
mod inspect;
mod list;
mod pull;

pub(crate) use inspect::inspect;
pub(crate) use list::{Summary, list};
pub(crate) use pull::pull;
