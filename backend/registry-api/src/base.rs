//! `GET /v2/`: whether this is a registry.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub(crate) fn get() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}
