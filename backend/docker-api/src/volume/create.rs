//! `POST /volumes/create`: `docker volume create`

use super::VolumeResponse;
use crate::body;
use crate::error::{Error, Reply};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use engine::volume::NewVolume;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateBody {
    name: String,
    driver: String,
    driver_opts: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
}

pub(crate) async fn create(
    State(host): State<Arc<VirtualHost>>,
    body: body::Json,
) -> Reply<(StatusCode, Json<VolumeResponse>)> {
    let body = body.required()?;
    if !body.value()["ClusterVolumeSpec"].is_null() {
        return Err(Error::not_yet("a volume of a cluster"));
    }
    let CreateBody { name, driver, driver_opts: options, labels } = body.parse()?;
    let volume = host.create_volume(NewVolume { name, driver, options, labels }).await?;
    Ok((StatusCode::CREATED, Json(VolumeResponse::new(volume))))
}
