//! Volumes: one file per endpoint.

mod create;
mod inspect;
mod list;
mod prune;
mod remove;

pub(crate) use create::create;
pub(crate) use inspect::{VolumeResponse, inspect, update};
pub(crate) use list::list;
pub(crate) use prune::prune;
pub(crate) use remove::remove;
