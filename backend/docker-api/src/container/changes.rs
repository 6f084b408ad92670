//! `GET /containers/{id}/changes`: `docker diff`

use crate::error::Reply;
use crate::query::Name;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::container::{Change, ChangeKind};
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeResponse {
    path: String,
    kind: u8,
}

/// `null` if there is none, as in Docker.
pub(crate) async fn changes(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
) -> Reply<Json<Option<Vec<ChangeResponse>>>> {
    let changes = host.container_changes(&name).await?;
    let shown = changes.into_iter().map(|Change { path, kind }| ChangeResponse {
        path,
        kind: match kind {
            ChangeKind::Modified => 0,
            ChangeKind::Added => 1,
            ChangeKind::Deleted => 2,
        },
    });
    Ok(Json(Some(shown.collect::<Vec<_>>()).filter(|changes| !changes.is_empty())))
}
