//! `GET /api/instructor/preflight`: what the workshop needs and has. `POST`: builds and fetches what is missing.

use super::{ApiError, cookie};
use crate::workshop::Workshop;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::instructor::Preflight;
use std::sync::Arc;

pub(in crate::web) async fn show(
    State(workshop): State<Arc<Workshop>>,
    headers: HeaderMap,
) -> Result<Json<Preflight>, ApiError> {
    cookie::check_instructor(&workshop.instructor, &headers)?;
    Ok(Json(workshop.instructor.preflight.now()))
}

pub(in crate::web) async fn begin(
    State(workshop): State<Arc<Workshop>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    cookie::check_instructor(&workshop.instructor, &headers)?;
    workshop.instructor.preflight.begin();
    Ok((StatusCode::ACCEPTED, Json(workshop.instructor.preflight.now())).into_response())
}
