//! `/plugins`

use crate::error::Error;
use crate::json::EmptyList;
use crate::query::Name;
use axum::Json;

/// `GET /plugins`
pub(crate) async fn plugins() -> Json<EmptyList> {
    Json([])
}

/// Everything that names one.
pub(crate) async fn no_such_plugin(Name(name): Name) -> Error {
    Error::not_found(format!("plugin \"{name}\" not found"))
}
