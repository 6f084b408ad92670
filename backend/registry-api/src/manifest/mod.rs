//! `/v2/<name>/manifests/<reference>`, and what says something about one.

mod accept;
mod delete;
mod get;
mod put;
mod referrers;

pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use put::put;
pub(crate) use referrers::referrers;
