//! `POST /containers/{id}/stop`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn stop(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply<StatusCode> {
    host.stop_container(&name, params.text("signal"), params.number("t")?).await?;
    Ok(StatusCode::NO_CONTENT)
}
