//! `DELETE /api/session`: leaves the workshop. Everything on the virtual host ends.

use super::{ApiError, cookie};
use crate::host::Over;
use crate::session::Session;
use crate::workshop::Workshop;
use axum::Extension;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use protocol::session::ProblemCode;
use std::sync::Arc;

pub(in crate::web) async fn leave(
    State(workshop): State<Arc<Workshop>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let answer = (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie::clear(&headers)?)]);
    // What has begun is brought to its end, also if the browser doesn't wait for it.
    let left = tokio::spawn(async move {
        // The host first: if it can't be ended, the session is still there to try again.
        end_host(&workshop, &session, Over::Left).await?;
        tracing::info!(host.id = session.host, "somebody leaves");
        workshop.sessions.remove(session.host).await.map_err(ApiError::internal)
    });
    left.await.map_err(ApiError::internal)??;
    Ok(answer.into_response())
}

/// Ends everything on a session's host.
pub(super) async fn end_host(workshop: &Workshop, session: &Session, why: Over) -> Result<(), ApiError> {
    workshop.hosts.end(&session.host, why).await.map_err(|error| {
        tracing::error!(host.id = session.host, %error, "a virtual host can't be ended");
        ApiError::new(ProblemCode::HostFailed, "the virtual host can't be ended; try again")
    })
}
