//! `PUT /v2/<name>/blobs/uploads/<id>?digest=…`: the last bytes, if any are left, and what all of it is.

use super::{append, created, finish};
use crate::error::Reply;
use crate::query::Parameters;
use crate::registry::Registry;
use axum::body::Body;
use axum::http::HeaderMap;

pub(crate) async fn put(
    registry: Registry,
    repository: String,
    id: String,
    parameters: &Parameters,
    headers: &HeaderMap,
    body: Body,
) -> Reply {
    let digest = parameters.digest()?.to_owned();
    let appending = append(&registry, &repository, &id, headers, body).await?;
    let blob = finish(appending, digest).await?;
    Ok(created(&repository, &blob.digest))
}
