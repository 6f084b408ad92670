//! `POST /v2/<name>/blobs/uploads/`: an upload begins, or is over at once.

use super::{append, created, finish, progress};
use crate::error::Reply;
use crate::query::Parameters;
use crate::registry::{Registry, blocking};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use engine::repository::Fault;

pub(crate) async fn begin(
    registry: Registry,
    repository: String,
    parameters: Parameters,
    headers: &HeaderMap,
    body: Body,
) -> Reply {
    if let Some(digest) = parameters.mount {
        let (repositories, name, mounted) = (registry.repositories.clone(), repository.clone(), digest.clone());
        let mounting = move || match repositories.mount(&name, &mounted, parameters.from.as_deref()) {
            // As the specification wants it: what can't be mounted is uploaded.
            Err(Fault::DigestMalformed(_)) => Ok(false),
            done => done,
        };
        if blocking(mounting).await? {
            return Ok(created(&repository, &digest));
        }
    }
    let (repositories, name) = (registry.repositories.clone(), repository.clone());
    let id = blocking(move || repositories.begin_upload(&name)).await?;
    let Some(digest) = parameters.digest else {
        return Ok(progress(StatusCode::ACCEPTED, &repository, &id, 0));
    };
    // All in one request: what does not come whole can't be gone on with, as nobody knows the upload's id.
    let blob = match append(&registry, &repository, &id, headers, body).await {
        Ok(appending) => finish(appending, digest).await,
        Err(error) => Err(error),
    };
    match blob {
        Ok(blob) => Ok(created(&repository, &blob.digest)),
        Err(error) => {
            let gone = blocking(move || registry.repositories.cancel_upload(&repository, &id));
            // It has gone already if it was wrong.
            let _ = gone.await;
            Err(error)
        }
    }
}
