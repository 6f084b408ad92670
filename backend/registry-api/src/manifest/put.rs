//! `PUT /v2/<name>/manifests/<reference>`

use crate::error::{Error, Reply};
use crate::receive::{announced, discard, read};
use crate::registry::{Registry, blocking, empty};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use engine::repository::{Fault, LARGEST_MANIFEST};

pub(crate) async fn put(
    registry: Registry,
    repository: String,
    reference: String,
    headers: &HeaderMap,
    body: Body,
) -> Reply {
    let too_large = |size| Error::from(Fault::ManifestTooLarge { size, most: LARGEST_MANIFEST });
    // What is announced as too large need not arrive first.
    if let Some(size) = announced(headers).filter(|size| *size > LARGEST_MANIFEST) {
        discard(body, registry.patience).await;
        return Err(too_large(size));
    }
    let most = usize::try_from(LARGEST_MANIFEST).unwrap_or(usize::MAX);
    let content = read(body, most, registry.patience, || too_large(LARGEST_MANIFEST + 1)).await?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(|value| value.split(';').next().unwrap_or_default().trim().to_owned());
    let name = repository.clone();
    let pushing =
        move || registry.repositories.put_manifest(&repository, &reference, content_type.as_deref(), &content);
    let pushed = blocking(pushing).await?;
    let headers =
        [("location", format!("/v2/{name}/manifests/{}", pushed.digest)), ("docker-content-digest", pushed.digest)];
    let mut response = empty(StatusCode::CREATED, headers);
    // Tells the client that it need not keep a list of referrers itself.
    if let Some(subject) = pushed.subject.and_then(|subject| HeaderValue::from_str(&subject).ok()) {
        response.headers_mut().insert("oci-subject", subject);
    }
    Ok(response)
}
