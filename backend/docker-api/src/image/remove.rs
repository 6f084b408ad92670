//! `DELETE /images/{name}`: `docker rmi`

use super::platform;
use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use crate::version::ApiVersion;
use axum::Json;
use axum::extract::State;
use engine::VirtualHost;
use engine::image::{RemoveOptions, Removed};
use serde::Serialize;
use std::sync::Arc;

/// One step.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Record {
    Untagged(String),
    /// An image, or the chain id of a layer.
    Deleted(String),
}

impl From<Removed> for Record {
    fn from(removed: Removed) -> Self {
        match removed {
            Removed::Untagged(name) => Self::Untagged(name),
            Removed::Image(id) => Self::Deleted(id.to_string()),
            Removed::Layer { id, .. } => Self::Deleted(id),
        }
    }
}

pub(crate) async fn remove(
    State(host): State<Arc<VirtualHost>>,
    version: ApiVersion,
    Name(name): Name,
    params: Params,
) -> Reply<Json<Vec<Record>>> {
    if name.trim().is_empty() {
        return Err(Error::bad("image name cannot be blank"));
    }
    if version >= ApiVersion::new(1, 50) {
        let platforms = params.all("platforms");
        let platforms: Vec<_> = platforms.into_iter().map(platform::decode).collect::<Reply<_>>()?;
        match platforms.as_slice() {
            [] => {}
            [platform] => platform::check(platform, &name, &host.image(&name)?)?,
            _ => return Err(Error::bad("multiple platforms are not supported")),
        }
    }
    let options = RemoveOptions { force: params.bool("force"), keep_parents: params.bool("noprune") };
    let removed = host.remove_image(&name, options)?;
    Ok(Json(removed.into_iter().map(Record::from).collect()))
}
