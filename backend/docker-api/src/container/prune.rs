//! `POST /containers/prune`

use crate::error::Reply;
use crate::query::{Params, unknown_filter};
use crate::time::{now, parse_until};
use axum::Json;
use axum::extract::State;
use engine::ContainerId;
use engine::VirtualHost;
use engine::container::PruneFilter;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PruneResponse {
    /// `null` if there were none, as in Docker.
    containers_deleted: Option<Vec<ContainerId>>,
    space_reclaimed: u64,
}

pub(crate) async fn prune(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<PruneResponse>> {
    let mut filter = PruneFilter::default();
    for (name, values) in params.filters()? {
        match name.as_str() {
            "label" => filter.labels = values,
            "label!" => filter.not_labels = values,
            "until" => filter.until = values.first().map(|until| parse_until(until, now())).transpose()?,
            _ => return Err(unknown_filter(&name)),
        }
    }
    let pruned = host.prune_containers(&filter).await?;
    Ok(Json(PruneResponse {
        containers_deleted: Some(pruned.containers).filter(|deleted| !deleted.is_empty()),
        space_reclaimed: pruned.reclaimed,
    }))
}
