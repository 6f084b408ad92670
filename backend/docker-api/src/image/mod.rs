//! `/images`: what there is on this host, and what comes and goes.

mod credentials;
mod filter;
mod inspect;
mod list;
mod progress;
mod pull;
mod push;

pub(crate) use credentials::AuthConfig;
pub(crate) use inspect::inspect;
pub(crate) use list::{Summary, list};
pub(crate) use pull::pull;
pub(crate) use push::push;
