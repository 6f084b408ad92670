//! `GET` and `HEAD /v2/<name>/manifests/<reference>`

use super::accept::accepts;
use crate::error::{Error, Reply};
use crate::registry::{Registry, blocking};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use engine::repository::Fault;

pub(crate) async fn get(registry: Registry, repository: String, reference: String, headers: &HeaderMap) -> Reply {
    let shown: String = reference.chars().take(150).collect();
    let found = blocking(move || match registry.repositories.manifest(&repository, &reference) {
        // Nothing has a name that nothing can have.
        Err(Fault::TagInvalid(tag)) => Err(Fault::ManifestUnknown(tag)),
        found => found,
    });
    let manifest = found.await?;
    let media_type = manifest.media_type;
    if !accepts(headers, &media_type) {
        // As Docker's registry does: for this client it isn't there.
        return Err(Error::manifest_unknown(format!(
            "manifest unknown: {shown} is {media_type}, which Accept does not name"
        )));
    }
    let headers = [
        ("content-type", media_type),
        ("docker-content-digest", manifest.digest.clone()),
        ("etag", format!("\"{}\"", manifest.digest)),
    ];
    Ok((headers, manifest.content).into_response())
}
