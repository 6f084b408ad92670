//! `/networks`: those that every host has. Networks of one's own are not there yet.

mod inspect;
mod list;

pub(crate) use inspect::inspect;
pub(crate) use list::list;
