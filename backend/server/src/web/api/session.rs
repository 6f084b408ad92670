//! `GET /api/session`: who one is.

use crate::session::Session;
use crate::workshop::Workshop;
use axum::extract::State;
use axum::{Extension, Json};
use std::sync::Arc;

pub(in crate::web) async fn show(
    State(workshop): State<Arc<Workshop>>,
    Extension(session): Extension<Session>,
) -> Json<protocol::session::Session> {
    Json(describe(&workshop, &session))
}

/// The session as the page knows it.
pub(super) fn describe(workshop: &Workshop, session: &Session) -> protocol::session::Session {
    protocol::session::Session {
        name: session.name.clone(),
        workshop: workshop.title.clone(),
        host: session.host_name.clone(),
    }
}
