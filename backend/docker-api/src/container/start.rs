//! `POST /containers/{id}/start`

use crate::body::Json;
use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use std::sync::Arc;

pub(crate) async fn start(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
    body: Json,
) -> Reply<StatusCode> {
    if body.value().as_object().is_some_and(|fields| !fields.is_empty()) {
        return Err(Error::bad(
            "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24",
        ));
    }
    if params.text("checkpoint").is_some() {
        return Err(Error::not_yet("`docker start --checkpoint`"));
    }
    host.start_container(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
