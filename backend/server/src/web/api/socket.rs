//! `GET /api/socket`: a tab's WebSocket. That the page is ours the guard has checked.

use super::ApiError;
use crate::session::Session;
use crate::socket;
use crate::workshop::Workshop;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use protocol::message::MAX_CLIENT_FRAME;
use protocol::session::ProblemCode;
use std::sync::Arc;

/// A frame above [`MAX_CLIENT_FRAME`] is answered with what is wrong; one of this size is not even read.
const UNREAD_FRAME: usize = 4 * MAX_CLIENT_FRAME;

pub(in crate::web) async fn open(
    State(workshop): State<Arc<Workshop>>,
    Extension(session): Extension<Session>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::new(ProblemCode::BadMessage, "this address is for WebSockets"))?;
    Ok(upgrade
        .read_buffer_size(16 * 1024)
        .max_message_size(UNREAD_FRAME)
        .max_frame_size(UNREAD_FRAME)
        .on_upgrade(move |socket| socket::serve(socket, workshop, session)))
}
