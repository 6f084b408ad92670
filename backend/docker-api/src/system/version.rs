//! `GET /version`

use crate::error::Reply;
use crate::json::go_arch;
use crate::version::{MAX, MIN};
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::host::HostInfo;
use serde::Serialize;
use std::sync::Arc;

/// Of Lernhafen, not of the Docker that it speaks like.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) async fn version(State(host): State<Arc<VirtualHost>>) -> Reply<Json<VersionResponse>> {
    Ok(Json(VersionResponse::new(&host.info()?)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionResponse {
    platform: Platform,
    components: [Component; 1],
    version: &'static str,
    api_version: &'static str,
    #[serde(rename = "MinAPIVersion")]
    min_api_version: &'static str,
    git_commit: &'static str,
    go_version: &'static str,
    os: &'static str,
    arch: String,
    kernel_version: String,
    build_time: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Platform {
    name: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Component {
    name: &'static str,
    version: &'static str,
    details: Details,
}

/// What `docker version` prints; all of it strings.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Details {
    api_version: &'static str,
    arch: String,
    build_time: &'static str,
    experimental: &'static str,
    git_commit: &'static str,
    go_version: &'static str,
    kernel_version: String,
    #[serde(rename = "MinAPIVersion")]
    min_api_version: &'static str,
    os: &'static str,
}

impl VersionResponse {
    fn new(info: &HostInfo) -> Self {
        let arch = go_arch(info.architecture);
        Self {
            platform: Platform { name: "Lernhafen" },
            components: [Component {
                name: "Engine",
                version: VERSION,
                details: Details {
                    api_version: MAX,
                    arch: arch.into(),
                    build_time: "",
                    experimental: "false",
                    git_commit: "",
                    go_version: "",
                    kernel_version: info.kernel.clone(),
                    min_api_version: MIN,
                    os: "linux",
                },
            }],
            version: VERSION,
            api_version: MAX,
            min_api_version: MIN,
            git_commit: "",
            go_version: "",
            os: "linux",
            arch: arch.into(),
            kernel_version: info.kernel.clone(),
            build_time: "",
        }
    }
}
