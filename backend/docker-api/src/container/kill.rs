//! `POST /containers/{id}/kill`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn kill(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply<StatusCode> {
    host.kill_container(&name, params.text("signal")).await?;
    Ok(StatusCode::NO_CONTENT)
}
