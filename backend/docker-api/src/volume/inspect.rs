//! `GET /volumes/{name}`: `docker volume inspect`

use crate::error::{Error, Reply};
use crate::query::Name;
use crate::time::rfc3339_seconds;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::volume::{DRIVER, Volume, VolumeUsage};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VolumeResponse {
    created_at: String,
    driver: &'static str,
    /// `null` if there are none, as in Docker.
    labels: Option<BTreeMap<String, String>>,
    mountpoint: String,
    name: String,
    options: Option<BTreeMap<String, String>>,
    scope: &'static str,
    /// Only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage_data: Option<UsageData>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UsageData {
    ref_count: usize,
    size: u64,
}

pub(crate) async fn inspect(State(host): State<Arc<VirtualHost>>, Name(name): Name) -> Reply<Json<VolumeResponse>> {
    Ok(Json(VolumeResponse::new(host.volume(&name)?)))
}

/// `PUT /volumes/{name}`: only volumes of a cluster can be changed.
pub(crate) async fn update(State(host): State<Arc<VirtualHost>>, Name(name): Name) -> Error {
    match host.volume(&name) {
        Ok(_) => Error::not_yet("`docker volume update` (there are no volumes of a cluster)"),
        Err(error) => error.into(),
    }
}

impl VolumeResponse {
    pub(crate) fn new(volume: Volume) -> Self {
        Self {
            created_at: rfc3339_seconds(volume.created),
            driver: DRIVER,
            mountpoint: volume.mountpoint(),
            name: volume.name,
            labels: Some(volume.labels).filter(|labels| !labels.is_empty()),
            options: Some(volume.options).filter(|options| !options.is_empty()),
            scope: "local",
            usage_data: None,
        }
    }

    pub(crate) fn with_usage(usage: VolumeUsage) -> Self {
        let data = UsageData { ref_count: usage.users, size: usage.size };
        Self { usage_data: Some(data), ..Self::new(usage.volume) }
    }
}
