//! `POST /containers/{id}/restart`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn restart(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<StatusCode> {
    host.restart_container(&name, params.text("signal"), params.number("t")?).await?;
    Ok(StatusCode::NO_CONTENT)
}
