//! `GET /images/{name}/history`: `docker history`

use super::platform;
use crate::error::Reply;
use crate::query::{Name, Params};
use crate::version::ApiVersion;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::HistoryStep;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HistoryItem {
    comment: String,
    /// Seconds since the epoch.
    created: i64,
    created_by: String,
    id: String,
    size: u64,
    tags: Option<Vec<String>>,
}

pub(crate) async fn history(
    State(host): State<Arc<VirtualHost>>,
    version: ApiVersion,
    Name(name): Name,
    params: Params,
) -> Reply<Json<Vec<HistoryItem>>> {
    let platform = params.text("platform").filter(|_| version >= ApiVersion::new(1, 48));
    let platform = platform.map(platform::decode).transpose()?;
    let image = host.image(&name)?;
    if let Some(platform) = platform {
        platform::check(&platform, &name, &image)?;
    }
    Ok(Json(host.image_history(&image)?.into_iter().map(HistoryItem::from).collect()))
}

impl From<HistoryStep> for HistoryItem {
    fn from(step: HistoryStep) -> Self {
        Self {
            comment: step.comment,
            created: step.created.div_euclid(1_000_000_000),
            created_by: step.created_by,
            id: step.image.map_or_else(|| "<missing>".into(), |id| id.to_string()),
            size: step.size,
            tags: Some(step.tags).filter(|tags| !tags.is_empty()),
        }
    }
}
