//! `GET /system/df`: what takes how much of the disk.

use crate::container::Summary;
use crate::error::{Error, Reply};
use crate::image;
use crate::json::EmptyList;
use crate::query::Params;
use crate::volume::VolumeResponse;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::container::ListOptions;
use serde::Serialize;
use std::sync::Arc;

/// What isn't asked for is `null`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DiskUsage {
    layers_size: u64,
    images: Option<Vec<image::Summary>>,
    containers: Option<Vec<Summary>>,
    volumes: Option<Vec<VolumeResponse>>,
    build_cache: Option<EmptyList>,
}

pub(crate) async fn df(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<DiskUsage>> {
    let types = params.all("type");
    if let Some(unknown) = types.iter().find(|kind| !["container", "image", "volume", "build-cache"].contains(kind)) {
        return Err(Error::bad(format!("unknown object type: {unknown}")));
    }
    let wanted = |kind| types.is_empty() || types.contains(&kind);
    let mut usage = DiskUsage { layers_size: 0, images: None, containers: None, volumes: None, build_cache: None };
    if wanted("image") {
        usage.layers_size = host.layers_size()?;
        usage.images = Some(image::with_shared_sizes(&host)?);
    }
    if wanted("container") {
        let all = host.containers(&ListOptions { all: true, ..ListOptions::default() })?;
        usage.containers = Some(Summary::with_sizes(&host, &all).await?);
    }
    if wanted("volume") {
        let volumes = host.volumes_usage().await?;
        usage.volumes = Some(volumes.into_iter().map(VolumeResponse::with_usage).collect());
    }
    usage.build_cache = wanted("build-cache").then_some([]);
    Ok(Json(usage))
}
