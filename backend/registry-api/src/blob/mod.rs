//! `/v2/<name>/blobs/<digest>`

mod delete;
mod get;

pub(crate) use delete::delete;
pub(crate) use get::get;
