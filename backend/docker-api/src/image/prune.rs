//! `POST /images/prune`: `docker image prune`

use super::remove::Record;
use crate::error::{Error, Reply};
use crate::query::{Params, boolean, unknown_filter};
use crate::time::{now, parse_until};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::ImagePruneFilter;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PruneResponse {
    /// `null` if there were none, as in Docker.
    images_deleted: Option<Vec<Record>>,
    space_reclaimed: u64,
}

pub(crate) async fn prune(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<PruneResponse>> {
    let mut filter = ImagePruneFilter::default();
    for (name, values) in params.filters()? {
        match name.as_str() {
            "dangling" => filter.tagged = !boolean("dangling", &values)?,
            "label" => filter.labels = values,
            "label!" => filter.not_labels = values,
            "until" => match values.as_slice() {
                [] => {}
                [until] => filter.until = Some(parse_until(until, now())?),
                _ => return Err(Error::bad("more than one until filter specified")),
            },
            _ => return Err(unknown_filter(&name)),
        }
    }
    let pruned = host.prune_images(&filter)?;
    let records: Vec<Record> = pruned.removed.into_iter().map(Record::from).collect();
    Ok(Json(PruneResponse {
        images_deleted: Some(records).filter(|records| !records.is_empty()),
        space_reclaimed: pruned.reclaimed,
    }))
}
