//! `POST /auth`: `docker login`. Nothing is kept here: the client sends who somebody is with each request.

use crate::body;
use crate::error::Reply;
use crate::image::AuthConfig;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthResponse {
    identity_token: String,
    status: &'static str,
}

pub(crate) async fn auth(State(host): State<Arc<VirtualHost>>, body: body::Json) -> Reply<Json<AuthResponse>> {
    let config: AuthConfig = body.required()?.parse()?;
    let token = host.log_in(&config.serveraddress, config.credentials()).await?;
    Ok(Json(AuthResponse { identity_token: token.unwrap_or_default(), status: "Login Succeeded" }))
}
