//! The parts of `docker system prune` that have nothing to remove yet, and say so.

use crate::error::Reply;
use crate::json::Null;
use crate::query::{Params, unknown_filter};
use axum::Json;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworksPruned {
    networks_deleted: Null,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct BuildCachePruned {
    caches_deleted: Null,
    space_reclaimed: u64,
}

/// `POST /networks/prune`: there are no networks of one's own.
pub(crate) async fn networks(params: Params) -> Reply<Json<NetworksPruned>> {
    check(&params, &["label", "label!", "until"])?;
    Ok(Json(NetworksPruned { networks_deleted: () }))
}

/// `POST /build/prune`
pub(crate) async fn build_cache() -> Json<BuildCachePruned> {
    Json(BuildCachePruned { caches_deleted: (), space_reclaimed: 0 })
}

fn check(params: &Params, known: &[&str]) -> Reply<()> {
    match params.filters()?.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((unknown, _)) => Err(unknown_filter(unknown)),
        None => Ok(()),
    }
}
