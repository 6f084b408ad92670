//! `DELETE /containers/{id}`

use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

/// With `v=1` the container's anonymous volumes go with it.
pub(crate) async fn remove(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<StatusCode> {
    if params.bool("link") {
        host.container(&name)?;
        return Err(Error::new(StatusCode::CONFLICT, "Conflict, cannot remove the default link name of the container"));
    }
    host.remove_container(&name, params.bool("force"), params.bool("v")).await?;
    Ok(StatusCode::NO_CONTENT)
}
