//! `POST /volumes/prune`: `docker volume prune`

use crate::error::{Error, Reply};
use crate::query::{Params, unknown_filter};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::volume::VolumePruneFilter;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PruneResponse {
    volumes_deleted: Vec<String>,
    space_reclaimed: u64,
}

pub(crate) async fn prune(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<PruneResponse>> {
    let mut filter = VolumePruneFilter::default();
    for (name, values) in params.filters()? {
        match name.as_str() {
            "all" => filter.all = all(&values)?,
            "label" => filter.labels = values,
            "label!" => filter.not_labels = values,
            _ => return Err(unknown_filter(&name)),
        }
    }
    let pruned = host.prune_volumes(&filter).await?;
    Ok(Json(PruneResponse { volumes_deleted: pruned.volumes, space_reclaimed: pruned.reclaimed }))
}

/// As Go reads it; unlike other filters, in Docker, too.
fn all(values: &[String]) -> Reply<bool> {
    match values {
        [] => Ok(false),
        [value] => match value.as_str() {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
            other => {
                let why = format!("strconv.ParseBool: parsing {other:?}: invalid syntax");
                Err(Error::bad(format!("invalid filter 'all': {why}")))
            }
        },
        [..] => Err(Error::bad("invalid filter 'all': only one value is expected")),
    }
}
