//! Bodies of requests.

use super::ApiError;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use protocol::session::ProblemCode;
use serde::de::DeserializeOwned;

/// Reads a body that is to be `what` as JSON.
pub(super) fn read<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>, what: &str) -> Result<T, ApiError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            ApiError::new(ProblemCode::TooLarge, format!("the request is too large for a {what}"))
        }
        _ => ApiError::new(ProblemCode::BadMessage, "the request broke off"),
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| ApiError::new(ProblemCode::BadMessage, format!("the body is not a {what} as JSON: {error}")))
}
