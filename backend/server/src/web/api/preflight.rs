//! `GET /api/instructor/preflight`: what the workshop needs and has. `POST`: builds and fetches what is missing.

use crate::workshop::Workshop;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::instructor::Preflight;
use std::sync::Arc;

pub(in crate::web) async fn show(State(workshop): State<Arc<Workshop>>) -> Json<Preflight> {
    Json(workshop.instructor.preflight.now())
}

pub(in crate::web) async fn begin(State(workshop): State<Arc<Workshop>>) -> (StatusCode, Json<Preflight>) {
    workshop.instructor.preflight.begin();
    (StatusCode::ACCEPTED, Json(workshop.instructor.preflight.now()))
}
