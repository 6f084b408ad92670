//! `DELETE /v2/<name>/manifests/<reference>`

use crate::error::Reply;
use crate::registry::{Registry, blocking, empty};
use axum::http::StatusCode;

pub(crate) async fn delete(registry: Registry, repository: String, reference: String) -> Reply {
    blocking(move || registry.repositories.delete_manifest(&repository, &reference)).await?;
    Ok(empty(StatusCode::ACCEPTED, []))
}
