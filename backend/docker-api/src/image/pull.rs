//! `POST /images/create`: `docker pull`, `docker import`

use crate::body;
use crate::container::check_platform;
use crate::error::{Error, Reply};
use crate::json::go_arch;
use crate::query::Params;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::VirtualHost;
use engine::host::Pulled;
use serde::Serialize;
use std::sync::Arc;

/// What is there is up to date. The CLI pulls by itself when `docker run` names an image that is not: so the error is
/// what a typing error shows.
pub(crate) async fn pull(State(host): State<Arc<VirtualHost>>, params: Params, request: Request) -> Reply {
    if let Some(source) = params.text("fromSrc") {
        return super::import::import(&host, &params, source, request.into_body()).await;
    }
    // A client whose upload breaks off never reads the answer.
    body::discard(request.into_body()).await;
    match host.pull(params.text("fromImage").unwrap_or_default(), params.text("tag"))? {
        Some(pulled) => {
            let arch = go_arch(host.info()?.architecture);
            let checked = params.text("platform").map(|platform| check_platform(&pulled.reference, platform, arch));
            answer(&pulled, checked.and_then(Result::err))
        }
        None => {
            let images = host.images()?;
            let mut tags: Vec<&str> =
                images.iter().flat_map(|summary| &summary.image.repo_tags).map(String::as_str).collect();
            tags.sort_unstable();
            Err(Error::new(StatusCode::NOT_IMPLEMENTED, not_there(&tags)))
        }
    }
}

/// One line of progress.
#[derive(Serialize)]
struct Progress<'a> {
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
}

/// As a registry's image has it, but for its digest: only a registry could say that.
fn answer(pulled: &Pulled, wrong_platform: Option<Error>) -> Reply<Response> {
    let mut progress: Vec<Progress<'_>> = pulled
        .tags
        .iter()
        .map(|tag| Progress { status: format!("Pulling from {}", pulled.path), id: Some(tag) })
        .collect();
    progress.push(Progress { status: format!("Status: Image is up to date for {}", pulled.reference), id: None });
    if let Some(error) = wrong_platform {
        progress.push(Progress { status: format!("WARNING: {}", error.message), id: None });
    }
    let mut lines = String::new();
    for line in &progress {
        let line = serde_json::to_string(line).map_err(|error| {
            Error::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the progress can't be written: {error}"))
        })?;
        lines += &line;
        lines += "\r\n";
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], lines).into_response())
}

fn not_there(tags: &[&str]) -> String {
    let images = if tags.is_empty() { "none".into() } else { tags.join(", ") };
    format!("pulling images is not there yet in Lernhafen. The images on this host: {images}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_what_there_is() {
        let expected = "pulling images is not there yet in Lernhafen. The images on this host: a:1, b:2";
        assert_eq!(not_there(&["a:1", "b:2"]), expected);
        assert!(not_there(&[]).ends_with("none"));
    }
}
