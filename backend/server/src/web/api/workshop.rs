//! `GET /api/workshop`: what is to be joined. It needs no session: the start page shows it.

use crate::workshop::Workshop;
use axum::Json;
use axum::extract::State;
use std::sync::Arc;

pub(in crate::web) async fn show(State(workshop): State<Arc<Workshop>>) -> Json<protocol::session::Workshop> {
    Json(protocol::session::Workshop { title: workshop.title.clone() })
}
