//! `DELETE /volumes/{name}`: `docker volume rm`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn remove(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<StatusCode> {
    host.remove_volume(&name, params.bool("force")).await?;
    Ok(StatusCode::NO_CONTENT)
}
