//! `GET /images/{name}/json`

use crate::container::GraphDriver;
use crate::error::Reply;
use crate::json::{EmptyList, Null, Set, set};
use crate::query::{Name, Params};
use crate::time::rfc3339;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::Image;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn inspect(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<Json<ImageResponse>> {
    params.refuse(&[
        ("manifests", "asking for an image's manifests"),
        ("platform", "`docker image inspect --platform`"),
    ])?;
    Ok(Json(ImageResponse::new(&host.image(&name)?)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageResponse {
    id: String,
    repo_tags: Vec<String>,
    repo_digests: EmptyList,
    parent: &'static str,
    comment: &'static str,
    created: String,
    docker_version: &'static str,
    author: String,
    config: ImageConfig,
    architecture: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    os: String,
    size: u64,
    graph_driver: GraphDriver,
    #[serde(rename = "RootFS")]
    root_fs: RootFs,
    metadata: Metadata,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageConfig {
    user: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    exposed_ports: Set,
    env: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    volumes: Option<Set>,
    working_dir: String,
    entrypoint: Option<Vec<String>>,
    on_build: Null,
    labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RootFs {
    r#type: &'static str,
    layers: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    last_tag_time: &'static str,
}

impl ImageResponse {
    fn new(image: &Image) -> Self {
        let config = &image.config;
        Self {
            id: image.id.clone(),
            repo_tags: image.repo_tags.clone(),
            repo_digests: [],
            parent: "",
            comment: "",
            created: rfc3339(image.created),
            docker_version: "",
            author: config.author().clone().unwrap_or_default(),
            config: ImageConfig::new(image),
            architecture: config.architecture().to_string(),
            variant: config.variant().clone(),
            os: config.os().to_string(),
            size: image.size,
            graph_driver: GraphDriver::OVERLAY,
            root_fs: RootFs { r#type: "layers", layers: config.rootfs().diff_ids().clone() },
            // Go's zero time: when it was tagged is not recorded.
            metadata: Metadata { last_tag_time: "0001-01-01T00:00:00Z" },
        }
    }
}

impl ImageConfig {
    fn new(image: &Image) -> Self {
        let Some(config) = image.config.config() else { return Self::empty() };
        Self {
            user: config.user().clone().unwrap_or_default(),
            exposed_ports: config.exposed_ports().as_deref().map(set).unwrap_or_default(),
            env: config.env().clone(),
            cmd: config.cmd().clone(),
            volumes: config.volumes().as_deref().map(set),
            working_dir: config.working_dir().clone().unwrap_or_default(),
            entrypoint: config.entrypoint().clone(),
            labels: config.labels().clone().map(|labels| labels.into_iter().collect()),
            stop_signal: config.stop_signal().clone(),
            ..Self::empty()
        }
    }

    fn empty() -> Self {
        Self {
            user: String::new(),
            exposed_ports: Set::new(),
            env: None,
            cmd: None,
            volumes: None,
            working_dir: String::new(),
            entrypoint: None,
            on_build: (),
            labels: None,
            stop_signal: None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn an_image_looks_as_in_docker() {
        let image = Image {
            id: "sha256:1".into(),
            config: serde_json::from_value(json!({
                "architecture": "amd64", "os": "linux",
                "config": {"Env": ["PATH=/bin"], "Cmd": ["bash"], "ExposedPorts": {"80/tcp": {}}},
                "rootfs": {"type": "layers", "diff_ids": ["sha256:2"]}, "history": [],
            }))
            .unwrap(),
            size: 5,
            repo_tags: vec!["debian:latest".into()],
            created: 1_578_301_619_000_000_000,
        };
        let expected = json!({
            "Id": "sha256:1", "RepoTags": ["debian:latest"], "RepoDigests": [], "Parent": "", "Comment": "",
            "Created": "2020-01-06T09:06:59Z", "DockerVersion": "", "Author": "",
            "Config": {
                "User": "", "ExposedPorts": {"80/tcp": {}}, "Env": ["PATH=/bin"], "Cmd": ["bash"], "Volumes": null,
                "WorkingDir": "", "Entrypoint": null, "OnBuild": null, "Labels": null,
            },
            "Architecture": "amd64", "Os": "linux", "Size": 5, "GraphDriver": {"Data": null, "Name": "overlayfs"},
            "RootFS": {"Type": "layers", "Layers": ["sha256:2"]},
            "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"},
        });
        assert_eq!(serde_json::to_value(ImageResponse::new(&image)).unwrap(), expected);
    }
}
