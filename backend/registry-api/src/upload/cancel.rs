//! `DELETE /v2/<name>/blobs/uploads/<id>`

use crate::error::Reply;
use crate::registry::{Registry, blocking, empty};
use axum::http::StatusCode;

pub(crate) async fn cancel(registry: Registry, repository: String, id: String) -> Reply {
    blocking(move || registry.repositories.cancel_upload(&repository, &id)).await?;
    Ok(empty(StatusCode::NO_CONTENT, []))
}
