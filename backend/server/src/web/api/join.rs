//! `POST /api/session`: joins the workshop.

use super::{ApiError, body, cookie};
use crate::session::JoinError;
use crate::terminal::Size;
use crate::workshop::Workshop;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::session::{Join, ProblemCode};
use std::sync::Arc;

pub(in crate::web) async fn join(
    State(workshop): State<Arc<Workshop>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let join: Join = body::read(body, "name")?;
    let (token, session) = workshop.join(&join.name).await.map_err(refused)?;
    tracing::info!(host.id = session.host, "somebody joins");

    let answer = super::session::describe(&workshop, &session);
    let set_cookie = cookie::set(&token, &headers)?;
    // The terminal is to be there within a blink: until the page asks for it, host and shell have begun.
    // Whether it went well the page learns on its socket.
    tokio::spawn(async move {
        match workshop.hosts.berth(&session).await {
            Ok(berth) => drop(berth.terminals.open(0, Size::USUAL)),
            Err(error) => tracing::error!(host.id = session.host, %error, "a virtual host can't be begun"),
        }
    });
    Ok((StatusCode::CREATED, [(SET_COOKIE, set_cookie)], Json(answer)).into_response())
}

fn refused(error: JoinError) -> ApiError {
    let code = match &error {
        JoinError::BadName => ProblemCode::BadName,
        JoinError::Full => ProblemCode::Full,
        JoinError::Internal(message) => return ApiError::internal(message),
    };
    ApiError::new(code, error.to_string())
}
