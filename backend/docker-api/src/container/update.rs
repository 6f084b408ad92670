//! `POST /containers/{id}/update`

use super::resources::Resources;
use super::{refused, restart_policy};
use crate::body;
use crate::error::Reply;
use crate::query::Name;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::container::Update;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UpdateBody {
    #[serde(flatten)]
    resources: Resources,
    restart_policy: restart_policy::Body,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateResponse {
    /// Docker's is `null` rather than empty.
    warnings: Option<Vec<String>>,
}

pub(crate) async fn update(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    body: body::Json,
) -> Reply<Json<UpdateResponse>> {
    refused::check_update(body.value())?;
    let body: UpdateBody = body.parse()?;
    let has_policy = !body.restart_policy.name.is_empty();
    let restart_policy = Some(body.restart_policy.read()?).filter(|_| has_policy);
    let update = Update { resources: body.resources.into(), restart_policy };
    let warnings = host.update_container(&name, update).await?;
    Ok(Json(UpdateResponse { warnings: Some(warnings).filter(|warnings| !warnings.is_empty()) }))
}
