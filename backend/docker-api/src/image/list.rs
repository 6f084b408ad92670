//! `GET /images/json`: `docker images`

use super::filter;
use crate::error::Reply;
use crate::query::Params;
use crate::version::ApiVersion;
use axum::Json;
use axum::extract::State;
use engine::ImageId;
use engine::VirtualHost;
use engine::image::{ImageFilter, ImageSummary};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// `digests` and `manifests` (`docker images --tree`) ask for what is always there, or never where layers are not in containerd's store:
/// so it is in Docker, too.
pub(crate) async fn list(
    State(host): State<Arc<VirtualHost>>,
    version: ApiVersion,
    params: Params,
) -> Reply<Json<Vec<Summary>>> {
    let mut filters = params.filters()?;
    if version < ApiVersion::new(1, 41)
        && let Some(name) = params.text("filter")
    {
        filters.push(("reference".into(), vec![name.into()]));
    }
    let filter = filter::parse(filters, params.bool("all"))?;
    let shared = params.bool("shared-size").then(|| host.shared_sizes()).transpose()?;
    let mut list = summaries(&host, &filter, shared.as_ref())?;
    for summary in &mut list {
        summary.speak(version);
    }
    Ok(Json(list))
}

/// All that `docker system df` shows.
pub(crate) fn with_shared_sizes(host: &VirtualHost) -> Reply<Vec<Summary>> {
    summaries(host, &ImageFilter::default(), Some(&host.shared_sizes()?))
}

fn summaries(host: &VirtualHost, filter: &ImageFilter, shared: Option<&HashMap<ImageId, u64>>) -> Reply<Vec<Summary>> {
    Ok(host.images(filter)?.into_iter().map(|summary| Summary::new(summary, shared)).collect())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    /// -1: not known.
    containers: i64,
    /// Seconds since the epoch.
    created: i64,
    id: ImageId,
    labels: Option<BTreeMap<String, String>>,
    parent_id: String,
    repo_digests: Option<Vec<String>>,
    repo_tags: Option<Vec<String>>,
    /// -1: not known.
    shared_size: i64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_size: Option<u64>,
}

impl Summary {
    fn new(summary: ImageSummary, shared: Option<&HashMap<ImageId, u64>>) -> Self {
        let image = summary.image;
        let shared = shared.map(|sizes| sizes.get(&image.id).copied().unwrap_or(0));
        Self {
            containers: i64::try_from(summary.containers).unwrap_or(i64::MAX),
            created: image.created.div_euclid(1_000_000_000),
            id: image.id,
            labels: image.config.config.labels,
            parent_id: image.parent.map(|id| id.to_string()).unwrap_or_default(),
            repo_digests: Some(image.repo_digests).filter(|names| !names.is_empty()),
            repo_tags: Some(image.repo_tags).filter(|names| !names.is_empty()),
            shared_size: shared.map_or(-1, |size| i64::try_from(size).unwrap_or(i64::MAX)),
            size: image.size,
            virtual_size: None,
        }
    }

    /// As clients of that version expect it.
    fn speak(&mut self, version: ApiVersion) {
        if version >= ApiVersion::new(1, 43) {
            self.repo_digests.get_or_insert_default();
            self.repo_tags.get_or_insert_default();
        } else if self.repo_digests.is_none() && self.repo_tags.is_none() {
            self.repo_digests = Some(vec!["<none>@<none>".into()]);
            self.repo_tags = Some(vec!["<none>:<none>".into()]);
        }
        if version < ApiVersion::new(1, 44) {
            self.virtual_size = Some(self.size);
        }
        if version < ApiVersion::new(1, 51) {
            self.containers = -1;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::image::nothing;
    use engine::image::Image;
    use serde_json::json;

    #[test]
    fn every_version_has_its_own_ways_of_saying_nothing() {
        let image = Image { created: 1_700_000_000_000_000_000, size: 5, ..nothing() };
        let summary = ImageSummary { image, containers: 2, is_parent: false };
        let answer = |minor| {
            let mut summary = Summary::new(summary.clone(), None);
            summary.speak(ApiVersion::new(1, minor));
            serde_json::to_value(summary).unwrap()
        };
        let newest = json!({
            "Containers": 2, "Created": 1_700_000_000, "Id": nothing().id, "Labels": null, "ParentId": "", "RepoDigests": [],
            "RepoTags": [], "SharedSize": -1, "Size": 5,
        });
        assert_eq!(answer(51), newest);
        assert_eq!(answer(50)["Containers"], -1);
        assert_eq!(answer(43)["VirtualSize"], 5);
        assert_eq!(answer(42)["RepoTags"], json!(["<none>:<none>"]));
        assert_eq!(answer(42)["RepoDigests"], json!(["<none>@<none>"]));
    }
}
