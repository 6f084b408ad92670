//! `PATCH /v2/<name>/blobs/uploads/<id>`: the next bytes, all of the rest or a chunk.

use super::{append, progress};
use crate::error::Reply;
use crate::registry::Registry;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};

pub(crate) async fn patch(
    registry: Registry,
    repository: String,
    id: String,
    headers: &HeaderMap,
    body: Body,
) -> Reply {
    let appending = append(&registry, &repository, &id, headers, body).await?;
    Ok(progress(StatusCode::ACCEPTED, &repository, &id, appending.size()))
}
