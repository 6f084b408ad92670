//! The API's version: what a client may ask for, and what every answer says of us.

use crate::error::{Error, Failure};
use crate::path;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::fmt;

/// What the newest clients may speak.
pub(crate) const MAX: &str = "1.51";
/// What the oldest clients must speak.
pub(crate) const MIN: &str = "1.24";
/// `Server` header.
const SERVER: &str = concat!("Lernhafen/", env!("CARGO_PKG_VERSION"), " (linux)");

/// Content type of an error that is no JSON.
const TEXT: &str = "text/plain; charset=utf-8";

/// The version that a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion {
    major: u32,
    minor: u32,
}

impl ApiVersion {
    pub(crate) const MAX: Self = Self::new(1, 51);
    const MIN: Self = Self::new(1, 24);

    pub(crate) const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// From `1.51`. A part that is no number counts as 0, one that is too large as the largest, as in Docker.
    fn parse(text: &str) -> Self {
        let mut parts = text.split('.').map(|part| match part {
            "" => 0,
            digits => digits.parse().unwrap_or(u32::MAX),
        });
        Self::new(parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }

    /// What is wrong with a version that we don't speak.
    fn refusal(self) -> Option<Error> {
        if self > Self::MAX {
            return Some(Error::bad(format!(
                "client version {self} is too new. Maximum supported API version is {MAX}"
            )));
        }
        (self < Self::MIN).then(|| {
            Error::bad(format!(
                "client version {self} is too old. Minimum supported API version is {MIN}, \
                 please upgrade your client to a newer version"
            ))
        })
    }

    /// Whether streams of several sources are announced as such (since 1.42).
    pub(crate) fn names_multiplexed_streams(self) -> bool {
        self >= Self::new(1, 42)
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl<S: Sync> FromRequestParts<S> for ApiVersion {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::MAX))
    }
}

/// Takes the version off the path before the router sees it, and puts Docker's headers on whatever comes back.
pub(crate) async fn negotiate(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut response = match versioned(request) {
        // Docker says so of every path, also of those that it doesn't know.
        Ok(_) if method == Method::OPTIONS => StatusCode::OK.into_response(),
        Ok(request) => next.run(request).await,
        Err(refused) => refused,
    };
    let headers = response.headers_mut();
    headers.insert("api-version", HeaderValue::from_static(MAX));
    headers.insert("docker-experimental", HeaderValue::from_static("false"));
    headers.insert("ostype", HeaderValue::from_static("linux"));
    headers.insert(header::SERVER, HeaderValue::from_static(SERVER));
    if response.status().is_server_error() {
        let error = response.extensions().get::<Failure>().map_or("", |failure| &failure.0);
        tracing::warn!(%method, path, status = response.status().as_u16(), error, "a Docker API request failed");
    }
    response
}

/// The request as the router knows it, or why it won't be answered.
#[allow(clippy::result_large_err, reason = "it is sent at once")]
fn versioned(mut request: Request) -> Result<Request, Response> {
    let (version, mut path) = path::resolve(request.method(), request.uri().path());
    let version = version.map_or(ApiVersion::MAX, ApiVersion::parse);
    if let Some(error) = version.refusal() {
        // Clients of before read errors as they are.
        return Err(if version < ApiVersion::MIN { error.in_plain_text(TEXT, "\n") } else { error.into_response() });
    }
    if let Some(query) = request.uri().query() {
        path.push('?');
        path.push_str(query);
    }
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| path::page_not_found().into_response())?;
    request.extensions_mut().insert(version);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_out_of_range_are_refused_in_dockers_words() {
        let message = |text| ApiVersion::parse(text).refusal().map(|error| error.message).unwrap_or_default();
        assert_eq!(message("1.99"), "client version 1.99 is too new. Maximum supported API version is 1.51");
        assert_eq!(
            message("1.20"),
            "client version 1.20 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"
        );
        assert!(message("99999999999999999999.1").contains("too new"));
        assert!(message("1.").contains("too old"));
        assert!(message("...").contains("too old"));
        assert_eq!(message("1.24"), "");
    }
}
