//! `GET /containers/{id}/top`

use crate::error::Reply;
use crate::query::{Name, Params};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TopResponse {
    processes: Vec<Vec<String>>,
    titles: Vec<String>,
}

pub(crate) async fn top(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<Json<TopResponse>> {
    let top = host.top(&name, params.text("ps_args")).await?;
    Ok(Json(TopResponse { processes: top.processes, titles: top.titles }))
}
