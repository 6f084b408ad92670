//! `GET /images/{name}/json`

use super::platform;
use crate::container::GraphDriver;
use crate::error::{Error, Reply};
use crate::json::Set;
use crate::query::{Name, Params};
use crate::time::{go_rfc3339, rfc3339};
use crate::version::ApiVersion;
use axum::Json;
use axum::extract::State;
use engine::ImageId;
use engine::VirtualHost;
use engine::image::{Defaults, Healthcheck, Image};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `manifests` asks for what only containerd's store has: Docker without that leaves it out, too.
pub(crate) async fn inspect(
    State(host): State<Arc<VirtualHost>>,
    version: ApiVersion,
    Name(name): Name,
    params: Params,
) -> Reply<Json<ImageResponse>> {
    let platform = params.text("platform").filter(|_| version >= ApiVersion::new(1, 49));
    let platform = platform.map(platform::decode).transpose()?;
    if platform.is_some() && params.bool("manifests") {
        return Err(Error::bad("conflicting options: manifests and platform options cannot both be set"));
    }
    let image = host.image(&name)?;
    if let Some(platform) = platform {
        platform::check(&platform, &name, &image)?;
    }
    Ok(Json(ImageResponse::new(&image, version)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ImageResponse {
    id: ImageId,
    repo_tags: Vec<String>,
    repo_digests: Vec<String>,
    parent: String,
    comment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    docker_version: String,
    author: String,
    config: ImageConfig,
    architecture: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    variant: String,
    os: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_size: Option<u64>,
    graph_driver: GraphDriver,
    #[serde(rename = "RootFS")]
    root_fs: RootFs,
    metadata: Metadata,
}

/// With Docker's `null` and empty text for what an image doesn't say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageConfig {
    #[serde(flatten)]
    of_old: Option<FieldsOfOld>,
    user: String,
    #[serde(skip_serializing_if = "Set::is_empty")]
    exposed_ports: Set,
    env: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    args_escaped: bool,
    volumes: Option<Set>,
    working_dir: String,
    entrypoint: Option<Vec<String>>,
    on_build: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<Vec<String>>,
}

/// What of a container's configuration was shown for images as well before version 1.50 of the API, always empty.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FieldsOfOld {
    attach_stderr: bool,
    attach_stdin: bool,
    attach_stdout: bool,
    domainname: &'static str,
    hostname: &'static str,
    image: &'static str,
    open_stdin: bool,
    stdin_once: bool,
    tty: bool,
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
    fn new(image: &Image, version: ApiVersion) -> Self {
        let config = &image.config;
        let last_comment = config.history.last().map(|step| step.comment.clone());
        let created = config.created.as_deref().and_then(go_rfc3339);
        Self {
            id: image.id.clone(),
            repo_tags: image.repo_tags.clone(),
            repo_digests: image.repo_digests.clone(),
            parent: image.parent.as_ref().map(ToString::to_string).unwrap_or_default(),
            comment: some(config.comment.clone()).or(last_comment).unwrap_or_default(),
            created: created.or_else(|| (version < ApiVersion::new(1, 44)).then(|| rfc3339(0))),
            docker_version: config.docker_version.clone(),
            author: config.author.clone(),
            config: ImageConfig::new(config.config.clone(), version),
            architecture: config.architecture.clone(),
            variant: config.variant.clone(),
            os: config.os.clone(),
            size: image.size,
            virtual_size: (version < ApiVersion::new(1, 44)).then_some(image.size),
            graph_driver: GraphDriver::OVERLAY,
            root_fs: RootFs { r#type: "layers", layers: config.rootfs.diff_ids.clone() },
            metadata: Metadata { last_tag_time: rfc3339(image.tagged) },
        }
    }
}

impl ImageConfig {
    fn new(defaults: Defaults, version: ApiVersion) -> Self {
        let words = |words: Option<Vec<String>>| words.filter(|words| !words.is_empty());
        Self {
            of_old: (version < ApiVersion::new(1, 50)).then(FieldsOfOld::default),
            user: defaults.user,
            exposed_ports: defaults.exposed_ports,
            env: words(defaults.env),
            cmd: words(defaults.cmd),
            healthcheck: defaults.healthcheck,
            args_escaped: defaults.args_escaped,
            volumes: defaults.volumes.filter(|volumes| !volumes.is_empty()),
            working_dir: defaults.working_dir,
            entrypoint: words(defaults.entrypoint),
            on_build: words(defaults.on_build),
            labels: defaults.labels.filter(|labels| !labels.is_empty()),
            stop_signal: defaults.stop_signal.and_then(some),
            shell: words(defaults.shell),
        }
    }
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::image::nothing;
    use serde_json::json;

    #[test]
    fn an_image_looks_as_in_docker() {
        let image = Image {
            config: serde_json::from_value(json!({
                "architecture": "amd64", "os": "linux",
                "config": {"Env": ["PATH=/bin"], "Cmd": ["bash"], "ExposedPorts": {"80/tcp": {}}},
                "rootfs": {"type": "layers", "diff_ids": ["sha256:2"]}, "history": [],
            }))
            .unwrap(),
            size: 5,
            repo_tags: vec!["debian:latest".into()],
            ..nothing()
        };
        let expected = json!({
            "Id": nothing().id, "RepoTags": ["debian:latest"], "RepoDigests": [], "Parent": "", "Comment": "",
            "DockerVersion": "", "Author": "",
            "Config": {
                "User": "", "ExposedPorts": {"80/tcp": {}}, "Env": ["PATH=/bin"], "Cmd": ["bash"], "Volumes": null,
                "WorkingDir": "", "Entrypoint": null, "OnBuild": null, "Labels": null,
            },
            "Architecture": "amd64", "Os": "linux", "Size": 5, "GraphDriver": {"Data": null, "Name": "overlayfs"},
            "RootFS": {"Type": "layers", "Layers": ["sha256:2"]},
            "Metadata": {"LastTagTime": "0001-01-01T00:00:00Z"},
        });
        assert_eq!(serde_json::to_value(ImageResponse::new(&image, ApiVersion::MAX)).unwrap(), expected);
    }

    #[test]
    fn what_is_empty_is_null_and_older_clients_see_more_of_it() {
        let config = serde_json::from_value(json!({
            "created": "2024-05-06T07:08:09.500Z", "comment": "own", "history": [{"comment": "last"}],
            "config": {"Cmd": [], "Entrypoint": [], "Env": [], "Labels": {}, "Volumes": {}, "OnBuild": [], "StopSignal": "",
                       "StopTimeout": 7, "Shell": ["sh", "-c"], "ArgsEscaped": true, "Healthcheck": {"Test": ["CMD", "x"]}},
        }));
        let image = Image { config: config.unwrap(), ..nothing() };
        let answer = |minor| serde_json::to_value(ImageResponse::new(&image, ApiVersion::new(1, minor))).unwrap();
        let config = json!({
            "ArgsEscaped": true, "Cmd": null, "Entrypoint": null, "Env": null, "Healthcheck": {"Test": ["CMD", "x"]},
            "Labels": null, "OnBuild": null, "Shell": ["sh", "-c"], "User": "", "Volumes": null, "WorkingDir": "",
        });
        let newest = answer(51);
        assert_eq!((&newest["Config"], &newest["Comment"]), (&config, &json!("own")));
        assert_eq!(newest["Created"], "2024-05-06T07:08:09.5Z");
        assert_eq!(answer(49)["Config"]["AttachStdin"], false);
        assert_eq!(answer(43)["VirtualSize"], 0);
        let nothing = |minor| serde_json::to_value(ImageResponse::new(&nothing(), ApiVersion::new(1, minor))).unwrap();
        assert_eq!(nothing(43)["Created"], "0001-01-01T00:00:00Z");
        assert_eq!(nothing(44).get("Created"), None);
    }
}
