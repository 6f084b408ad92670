//! `GET /api/instructor/preflight`: what the workshop needs and has. `POST`: builds and fetches what is missing.

use super::{ApiError, cookie};
use crate::instructor::Instructor;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::instructor::Preflight;
use std::sync::Arc;

pub(in crate::web) async fn show(
    State(instructor): State<Arc<Instructor>>,
    headers: HeaderMap,
) -> Result<Json<Preflight>, ApiError> {
    cookie::check_instructor(&instructor, &headers)?;
    Ok(Json(instructor.preflight.now()))
}

pub(in crate::web) async fn begin(
    State(instructor): State<Arc<Instructor>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    cookie::check_instructor(&instructor, &headers)?;
    instructor.preflight.begin();
    Ok((StatusCode::ACCEPTED, Json(instructor.preflight.now())).into_response())
}
