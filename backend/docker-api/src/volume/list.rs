//! `GET /volumes`: `docker volume ls`

use super::VolumeResponse;
use crate::error::Reply;
use crate::json::Null;
use crate::query::{Params, boolean, unknown_filter};
use axum::Json;
use axum::extract::State;
use engine::volume::VolumeFilter;
use engine::{Pattern, VirtualHost};
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumeList {
    volumes: Vec<VolumeResponse>,
    warnings: Null,
}

pub(crate) async fn list(State(host): State<Arc<VirtualHost>>, params: Params) -> Reply<Json<VolumeList>> {
    let volumes = host.volumes(&filter(params.filters()?)?)?;
    Ok(Json(VolumeList { volumes: volumes.into_iter().map(VolumeResponse::new).collect(), warnings: () }))
}

fn filter(filters: Vec<(String, Vec<String>)>) -> Reply<VolumeFilter> {
    let mut filter = VolumeFilter::default();
    for (name, values) in filters {
        match name.as_str() {
            "dangling" => filter.dangling = Some(boolean("dangling", &values)?),
            "driver" => filter.drivers = values,
            "label" => filter.labels = values,
            "name" => filter.names = values.iter().map(|value| Pattern::new(value)).collect(),
            _ => return Err(unknown_filter(&name)),
        }
    }
    Ok(filter)
}
