//! `POST /containers/{id}/pause` and `/unpause`

use crate::error::Reply;
use crate::query::Name;
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn pause(State(host): State<Arc<VirtualHost>>, Name(name): Name) -> Reply<StatusCode> {
    host.pause_container(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn unpause(State(host): State<Arc<VirtualHost>>, Name(name): Name) -> Reply<StatusCode> {
    host.unpause_container(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
