//! `POST /containers/{id}/resize`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn resize(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<StatusCode> {
    let (rows, cols) = params.terminal_size()?;
    host.resize_container(&name, rows, cols).await?;
    Ok(StatusCode::OK)
}
