//! `GET /_ping`, `HEAD /_ping`

use axum::response::IntoResponse;

/// Clients read the headers, and choose their version by them.
pub(crate) async fn ping() -> impl IntoResponse {
    let headers = [
        ("cache-control", "no-cache, no-store, must-revalidate"),
        ("pragma", "no-cache"),
        ("content-type", "text/plain; charset=utf-8"),
        // 2 would promise BuildKit.
        ("builder-version", "1"),
        ("swarm", "inactive"),
    ];
    (headers, "OK")
}
