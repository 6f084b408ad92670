//! `/images`: what there is on this host, and what comes and goes.

mod credentials;
mod filter;
mod history;
mod inspect;
mod list;
mod path_match;
mod platform;
mod progress;
mod prune;
mod pull;
mod push;
mod remove;
mod search;
mod tag;

pub(crate) use credentials::AuthConfig;
pub(crate) use history::history;
pub(crate) use inspect::inspect;
pub(crate) use list::{Summary, list, with_shared_sizes};
pub(crate) use prune::prune;
pub(crate) use pull::pull;
pub(crate) use push::push;
pub(crate) use remove::remove;
pub(crate) use search::search;
pub(crate) use tag::tag;
