//! `DELETE /containers/{id}`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

/// `v=1` asks for the container's anonymous volumes to go with it: as there are none yet, nothing is left undone.
pub(crate) async fn remove(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<StatusCode> {
    params.refuse(&[("link", "`docker rm --link`")])?;
    host.remove_container(&name, params.bool("force")).await?;
    Ok(StatusCode::NO_CONTENT)
}
