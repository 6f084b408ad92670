//! `POST /exec/{id}/resize`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn resize(State(host): State<Arc<VirtualHost>>, Name(id): Name, params: Params) -> Reply<StatusCode> {
    let (rows, cols) = params.terminal_size()?;
    host.resize_exec(&id, rows, cols).await?;
    Ok(StatusCode::OK)
}
