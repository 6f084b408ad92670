//! `POST /containers/{id}/rename`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn rename(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<StatusCode> {
    host.rename_container(&name, params.text("name").unwrap_or(""))?;
    Ok(StatusCode::NO_CONTENT)
}
