//! The parts of `docker system prune` that have nothing to remove yet, and say so.

use crate::error::{Error, Reply};
use crate::json::{EmptyList, Null};
use crate::query::{Params, unknown_filter};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworksPruned {
    networks_deleted: Null,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumesPruned {
    volumes_deleted: EmptyList,
    space_reclaimed: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImagesPruned {
    images_deleted: Null,
    space_reclaimed: u64,
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

/// `POST /volumes/prune`
pub(crate) async fn volumes(params: Params) -> Reply<Json<VolumesPruned>> {
    check(&params, &["all", "label", "label!"])?;
    Ok(Json(VolumesPruned { volumes_deleted: [], space_reclaimed: 0 }))
}

/// `POST /images/prune`: an image is here by its name, so that none is without. Those that are not used could go; they can't yet.
pub(crate) async fn images(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<ImagesPruned>> {
    let filters = check(&params, &["dangling", "label", "label!", "until"])?;
    let all = filters
        .iter()
        .any(|(name, values)| name == "dangling" && values.iter().any(|value| matches!(value.as_str(), "0" | "false")));
    if all && filters.len() == 1 && host.images()?.iter().any(|image| image.containers == 0) {
        return Err(Error::not_yet("`docker image prune --all`"));
    }
    Ok(Json(ImagesPruned { images_deleted: (), space_reclaimed: 0 }))
}

/// `POST /build/prune`
pub(crate) async fn build_cache() -> Json<BuildCachePruned> {
    Json(BuildCachePruned { caches_deleted: (), space_reclaimed: 0 })
}

type Filters = Vec<(String, Vec<String>)>;

fn check(params: &Params, known: &[&str]) -> Reply<Filters> {
    let filters = params.filters()?;
    match filters.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((unknown, _)) => Err(unknown_filter(unknown)),
        None => Ok(filters),
    }
}
