//! Every endpoint, and who answers it.

use crate::error::{Error, Reply};
use crate::gate::Gate;
use crate::path::Endpoint;
use crate::query::Parameters;
use crate::registry::Registry;
use crate::{base, blob, manifest, tags, upload};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::IntoResponse;
use engine::repository::Repositories;
use std::sync::Arc;
use std::time::Duration;

/// How long a client may take for the next piece of an upload, or for all of a manifest. Its request is ended then; what has arrived of
/// an upload stays.
const PATIENCE: Duration = Duration::from_secs(60);

/// The registry's API for those who come by `gate`.
pub fn router(repositories: Arc<Repositories>, gate: Gate) -> Router {
    patient_router(repositories, gate, PATIENCE)
}

pub(crate) fn patient_router(repositories: Arc<Repositories>, gate: Gate, patience: Duration) -> Router {
    let registry = Registry { repositories, gate, patience };
    Router::new().fallback(async move |request: Request| {
        let mut response = answer(registry, request).await.unwrap_or_else(IntoResponse::into_response);
        response.headers_mut().insert("docker-distribution-api-version", HeaderValue::from_static("registry/2.0"));
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    })
}

async fn answer(registry: Registry, request: Request) -> Reply {
    let (parts, body) = request.into_parts();
    let Some(endpoint) = Endpoint::of(parts.uri.path()) else {
        let message = "there is no such endpoint: this is a registry, which answers below /v2/";
        return Err(Error::new(StatusCode::NOT_FOUND, "UNSUPPORTED", message));
    };
    registry.gate.check(&endpoint, &parts.method, &parts.headers)?;
    let parameters = Parameters::of(&parts.uri)?;
    let headers = &parts.headers;
    // hyper leaves out the body of an answer to HEAD.
    let method = if parts.method == Method::HEAD { Method::GET } else { parts.method };
    match (method, endpoint) {
        (Method::GET, Endpoint::Base) => Ok(base::get()),
        (Method::GET, Endpoint::Catalog) => tags::catalog(registry, &parameters).await,
        (Method::GET, Endpoint::Tags { repository }) => tags::list(registry, repository, &parameters).await,
        (Method::GET, Endpoint::Referrers { repository, digest }) => {
            manifest::referrers(registry, repository, digest, parameters).await
        }

        (Method::GET, Endpoint::Manifest { repository, reference }) => {
            manifest::get(registry, repository, reference, headers).await
        }
        (Method::PUT, Endpoint::Manifest { repository, reference }) => {
            manifest::put(registry, repository, reference, headers, body).await
        }
        (Method::DELETE, Endpoint::Manifest { repository, reference }) => {
            manifest::delete(registry, repository, reference).await
        }

        (Method::GET, Endpoint::Blob { repository, digest }) => blob::get(registry, repository, digest, headers).await,
        (Method::DELETE, Endpoint::Blob { repository, digest }) => blob::delete(registry, repository, digest).await,

        (Method::POST, Endpoint::Uploads { repository }) => {
            upload::begin(registry, repository, parameters, headers, body).await
        }
        (Method::GET, Endpoint::Upload { repository, id }) => upload::status(registry, repository, id).await,
        (Method::PATCH, Endpoint::Upload { repository, id }) => {
            upload::patch(registry, repository, id, headers, body).await
        }
        (Method::PUT, Endpoint::Upload { repository, id }) => {
            upload::put(registry, repository, id, &parameters, headers, body).await
        }
        (Method::DELETE, Endpoint::Upload { repository, id }) => upload::cancel(registry, repository, id).await,

        (method, endpoint) => Err(Error::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            format!("{method:.20} is no method of this endpoint"),
        )
        .header(header::ALLOW, endpoint.allow())),
    }
}
