//! `GET /api/session`: who one is.

use super::{ApiError, cookie};
use crate::session::Session;
use crate::workshop::Workshop;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use std::sync::Arc;

pub(in crate::web) async fn show(
    State(workshop): State<Arc<Workshop>>,
    headers: HeaderMap,
) -> Result<Json<protocol::session::Session>, ApiError> {
    let session = cookie::session(&workshop, &headers).await?;
    Ok(Json(describe(&workshop, &session)))
}

/// The session as the page knows it.
pub(super) fn describe(workshop: &Workshop, session: &Session) -> protocol::session::Session {
    protocol::session::Session {
        name: session.name.clone(),
        workshop: workshop.title.clone(),
        host: session.host_name.clone(),
    }
}
