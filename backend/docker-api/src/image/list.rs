//! `GET /images/json`: `docker images`

use super::filter::Filter;
use crate::error::Reply;
use crate::query::Params;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::ImageSummary;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `digests` asks for what is always there; `all` for images in between, of which there are none without a builder.
pub(crate) async fn list(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<Vec<Summary>>> {
    params.refuse(&[("manifests", "`docker images --tree`"), ("shared-size", "asking for shared sizes")])?;
    let filter = Filter::new(params.filters()?, &host)?;
    let images = host.images()?;
    Ok(Json(images.iter().filter(|summary| filter.matches(&summary.image)).map(Summary::new).collect()))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    containers: usize,
    /// Seconds since the epoch.
    created: i64,
    id: String,
    labels: Option<BTreeMap<String, String>>,
    parent_id: String,
    repo_digests: Vec<String>,
    repo_tags: Vec<String>,
    /// -1: not known.
    shared_size: i64,
    size: u64,
}

impl Summary {
    /// As `docker system df` wants it: what images share is known there. Layers of ours are never shared.
    pub(crate) fn with_shared_size(summary: &ImageSummary) -> Self {
        Self { shared_size: 0, ..Self::new(summary) }
    }

    fn new(summary: &ImageSummary) -> Self {
        let image = &summary.image;
        Self {
            containers: summary.containers,
            created: image.created / 1_000_000_000,
            id: image.id.clone(),
            labels: image.config.config.labels.clone(),
            parent_id: image.parent.clone().unwrap_or_default(),
            repo_digests: image.repo_digests.clone(),
            repo_tags: image.repo_tags.clone(),
            shared_size: -1,
            size: image.size,
        }
    }
}
