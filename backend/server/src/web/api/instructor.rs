//! `POST /api/instructor`: whoever knows the key is the instructor.

use super::{ApiError, body, cookie};
use crate::session::Token;
use crate::workshop::Workshop;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::instructor::Identify;
use std::sync::Arc;

pub(in crate::web) async fn identify(
    State(workshop): State<Arc<Workshop>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let identify: Identify = body::read(body, "key")?;
    let token = Token::parse(identify.key.trim()).filter(|token| workshop.instructor.key.is(token));
    let token = token.ok_or_else(cookie::not_instructor)?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::set_instructor(&token, &headers)?)]).into_response())
}
