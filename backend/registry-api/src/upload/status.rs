//! `GET /v2/<name>/blobs/uploads/<id>`: how far it is.

use super::progress;
use crate::error::Reply;
use crate::registry::{Registry, blocking};
use axum::http::StatusCode;

pub(crate) async fn status(registry: Registry, repository: String, id: String) -> Reply {
    let (name, upload) = (repository.clone(), id.clone());
    let size = blocking(move || registry.repositories.upload_size(&name, &upload)).await?;
    Ok(progress(StatusCode::NO_CONTENT, &repository, &id, size))
}
