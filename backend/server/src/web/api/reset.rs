//! `POST /api/session/reset`: a new virtual host for the session, in the place of the old. Everything on that is gone.

use super::ApiError;
use super::leave::end_host;
use crate::host::Over;
use crate::session::Session;
use crate::terminal::Size;
use crate::workshop::Workshop;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use protocol::session::ProblemCode;
use std::sync::Arc;

pub(in crate::web) async fn reset(
    State(workshop): State<Arc<Workshop>>,
    Extension(session): Extension<Session>,
) -> Result<StatusCode, ApiError> {
    // What has begun is brought to its end, also if the browser doesn't wait for it.
    let begun = tokio::spawn(async move {
        end_host(&workshop, &session, Over::Reset).await?;
        tracing::info!(host.id = session.host, "somebody's host is set up anew");
        let berth = workshop.hosts.berth(&session).await.map_err(|error| {
            tracing::error!(host.id = session.host, %error, "a virtual host can't be begun");
            ApiError::new(ProblemCode::HostFailed, "the new virtual host can't be begun; try again")
        })?;
        drop(berth.terminals.open(0, Size::USUAL));
        Ok(StatusCode::NO_CONTENT)
    });
    begun.await.map_err(ApiError::internal)?
}
