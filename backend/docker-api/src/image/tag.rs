//! `POST /images/{name}/tag`: `docker tag`

use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use engine::image::Reference;
use std::sync::Arc;

pub(crate) async fn tag(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply<StatusCode> {
    let repository = params.text("repo");
    // Docker does nothing then, and calls that a success.
    let repository = repository.ok_or_else(|| Error::bad("the parameter repo is missing: the name to give"))?;
    let reference = Reference::to_tag(repository, params.text("tag"))?;
    if reference.name() == "sha256" {
        return Err(Error::bad("refusing to create an ambiguous tag using digest algorithm as name"));
    }
    host.tag_image(&name, &reference)?;
    Ok(StatusCode::CREATED)
}
