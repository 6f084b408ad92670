//! `/v2/<name>/blobs/uploads/`: how blobs come.

mod begin;
mod cancel;
mod patch;
mod put;
mod status;

pub(crate) use begin::begin;
pub(crate) use cancel::cancel;
pub(crate) use patch::patch;
pub(crate) use put::put;
pub(crate) use status::status;

use crate::error::{Error, Reply};
use crate::range;
use crate::receive::{announced, receive};
use crate::registry::{Registry, blocking, empty};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use engine::image::Blob;
use engine::repository::{Appending, Fault};

/// How far an upload is.
fn progress(status: StatusCode, repository: &str, id: &str, size: u64) -> Response {
    let headers =
        [("location", location(repository, id)), ("range", range::so_far(size)), ("docker-upload-uuid", id.to_owned())];
    empty(status, headers)
}

/// A blob that has come, or was there.
fn created(repository: &str, digest: &str) -> Response {
    let headers =
        [("location", format!("/v2/{repository}/blobs/{digest}")), ("docker-content-digest", digest.to_owned())];
    empty(StatusCode::CREATED, headers)
}

fn location(repository: &str, id: &str) -> String {
    format!("/v2/{repository}/blobs/uploads/{id}")
}

/// Adds a request's body to an upload, where its `Content-Range` says that it belongs, if there is one.
async fn append(registry: &Registry, repository: &str, id: &str, headers: &HeaderMap, body: Body) -> Reply<Appending> {
    let chunk = headers.get(header::CONTENT_RANGE).map(|value| value.to_str().ok().and_then(range::chunk));
    if let (Some(Some((_, length))), Some(announced)) = (chunk, announced(headers))
        && length != announced
    {
        return Err(Error::size(format!("Content-Range is of {length} bytes, and Content-Length says {announced}")));
    }
    let (repositories, name, upload) = (registry.repositories.clone(), repository.to_owned(), id.to_owned());
    let opened = blocking(move || match chunk {
        // What can't be read continues nothing.
        Some(None) => Ok(Err(repositories.upload_size(&name, &upload)?)),
        Some(Some((first, _))) => match repositories.append(&name, &upload, Some(first)) {
            Err(Fault::OutOfOrder { size }) => Ok(Err(size)),
            appending => appending.map(Ok),
        },
        None => repositories.append(&name, &upload, None).map(Ok),
    });
    match opened.await? {
        Ok(appending) => receive(body, appending, chunk.flatten().map(|(_, length)| length), registry.patience).await,
        Err(size) => {
            let message = format!("the chunk does not continue the upload, which has {size} bytes");
            Err(Error::upload(StatusCode::RANGE_NOT_SATISFIABLE, message)
                .header(header::LOCATION, &location(repository, id))
                .header(header::RANGE, &range::so_far(size)))
        }
    }
}

/// Makes what has come a blob.
async fn finish(appending: Appending, digest: String) -> Reply<Blob> {
    blocking(move || appending.finish(&digest)).await
}
