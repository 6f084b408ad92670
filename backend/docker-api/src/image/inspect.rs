//! `GET /images/{name}/json`

use crate::container::GraphDriver;
use crate::error::Reply;
use crate::json::Set;
use crate::query::{Name, Params};
use crate::time::rfc3339;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::{Defaults, Image, ImageHealthcheck};
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
    repo_digests: Vec<String>,
    parent: String,
    comment: String,
    created: String,
    docker_version: String,
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

/// With Docker's `null` and empty text for what an image doesn't say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageConfig {
    user: String,
    #[serde(skip_serializing_if = "Set::is_empty")]
    exposed_ports: Set,
    env: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<ImageHealthcheck>,
    volumes: Option<Set>,
    working_dir: String,
    entrypoint: Option<Vec<String>>,
    on_build: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_timeout: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<Vec<String>>,
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
    last_tag_time: String,
}

impl ImageResponse {
    fn new(image: &Image) -> Self {
        let config = &image.config;
        Self {
            id: image.id.clone(),
            repo_tags: image.repo_tags.clone(),
            repo_digests: image.repo_digests.clone(),
            parent: image.parent.clone().unwrap_or_default(),
            comment: config.history.last().map(|history| history.comment.clone()).unwrap_or_default(),
            created: rfc3339(image.created),
            docker_version: config.docker_version.clone(),
            author: config.author.clone(),
            config: config.config.clone().into(),
            architecture: config.architecture.clone(),
            variant: Some(config.variant.clone()).filter(|variant| !variant.is_empty()),
            os: config.os.clone(),
            size: image.size,
            graph_driver: GraphDriver::OVERLAY,
            root_fs: RootFs { r#type: "layers", layers: config.rootfs.diff_ids.clone() },
            metadata: Metadata { last_tag_time: rfc3339(image.tagged) },
        }
    }
}

impl From<Defaults> for ImageConfig {
    fn from(defaults: Defaults) -> Self {
        Self {
            user: defaults.user,
            exposed_ports: defaults.exposed_ports,
            env: defaults.env,
            cmd: defaults.cmd,
            healthcheck: defaults.healthcheck,
            volumes: defaults.volumes,
            working_dir: defaults.working_dir,
            entrypoint: defaults.entrypoint,
            on_build: defaults.on_build,
            labels: defaults.labels,
            stop_signal: defaults.stop_signal,
            stop_timeout: defaults.stop_timeout,
            shell: defaults.shell,
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
            ..Image::default()
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
