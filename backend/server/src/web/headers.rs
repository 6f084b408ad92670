//! Headers that keep the page to itself.

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// What each answer carries.
#[derive(Debug)]
pub(super) struct SecurityHeaders {
    policy: HeaderValue,
}

impl SecurityHeaders {
    /// `script_hashes` are those of the page's inline import maps: `sha256-…`.
    pub(super) fn new(script_hashes: &[String]) -> Self {
        let mut scripts = String::new();
        for hash in script_hashes {
            scripts.push_str(&format!(" '{hash}'"));
        }
        // xterm.js puts its measures into style elements and attributes: they can't be hashed beforehand.
        let policy = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; \
             base-uri 'none'; form-action 'self'"
        );
        // Hashes are base64: this can't fail; without scripts the page at least says so.
        let policy = HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { policy }
    }
}

/// Sets the headers on every answer, errors too.
pub(super) async fn set(State(headers): State<Arc<SecurityHeaders>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let map = response.headers_mut();
    map.insert(CONTENT_SECURITY_POLICY, headers.policy.clone());
    map.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    map.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    for (name, value) in OTHERS {
        map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

const OTHERS: [(&str, &str); 3] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
];
