//! `DELETE /v2/<name>/blobs/<digest>`

use crate::error::Reply;
use crate::registry::{Registry, blocking, empty};
use axum::http::StatusCode;

pub(crate) async fn delete(registry: Registry, repository: String, digest: String) -> Reply {
    blocking(move || registry.repositories.delete_blob(&repository, &digest)).await?;
    Ok(empty(StatusCode::ACCEPTED, []))
}
