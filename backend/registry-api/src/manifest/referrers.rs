//! `GET /v2/<name>/referrers/<digest>`

use crate::error::Reply;
use crate::page;
use crate::query::Parameters;
use crate::registry::{Registry, blocking};
use axum::http::HeaderValue;
use engine::repository::Referrer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::collections::BTreeMap;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// How many there are in one answer.
const MOST: usize = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: &'static str,
    manifests: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

pub(crate) async fn referrers(registry: Registry, repository: String, digest: String, parameters: Parameters) -> Reply {
    let Parameters { artifact_type, last, .. } = parameters;
    let (name, subject, only) = (repository.clone(), digest.clone(), artifact_type.clone());
    let found = blocking(move || {
        let last = last.unwrap_or_default();
        let found = registry.repositories.referrers(&repository, &digest, only.as_deref(), MOST, &last)?;
        // Pages end where the engine says, so that only another look tells whether there are more.
        let next = match found.last() {
            Some(Referrer { digest: last, .. }) => {
                !registry.repositories.referrers(&repository, &digest, only.as_deref(), 1, last)?.is_empty()
            }
            None => false,
        };
        Ok((found, next))
    });
    let (found, has_more) = found.await?;
    let last = found.last().filter(|_| has_more).map(|last| last.digest.clone());
    let filter = artifact_type
        .as_deref()
        .map(|kind| format!("&artifactType={}", utf8_percent_encode(kind, ESCAPED)))
        .unwrap_or_default();
    let next = last.map(|last| format!("/v2/{name}/referrers/{subject}?last={last}{filter}"));
    let manifests = found.into_iter().map(descriptor).collect();
    let index = Index { schema_version: 2, media_type: INDEX, manifests };
    let body = serde_json::to_string(&index).unwrap_or_default();
    let mut response = page::respond(INDEX, body, next);
    if artifact_type.is_some() {
        response.headers_mut().insert("oci-filters-applied", HeaderValue::from_static("artifactType"));
    }
    Ok(response)
}

fn descriptor(referrer: Referrer) -> Descriptor {
    let Referrer { media_type, digest, size, artifact_type, annotations } = referrer;
    Descriptor { media_type, digest, size, artifact_type, annotations }
}

/// What stays as it is in a query.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
