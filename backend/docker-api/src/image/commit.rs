//! `POST /commit`: `docker commit`

use crate::body;
use crate::error::{Error, Reply};
use crate::query::Params;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::ImageId;
use engine::VirtualHost;
use engine::container::Commit;
use engine::image::{Defaults, Reference};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CommitResponse {
    id: ImageId,
}

pub(crate) async fn commit(
    State(host): State<Arc<VirtualHost>>,
    params: Params,
    body: body::Json,
) -> Reply<(StatusCode, Json<CommitResponse>)> {
    let commit = Commit {
        name: Reference::of(params.text("repo"), params.text("tag"))?,
        comment: params.text("comment").unwrap_or_default().to_owned(),
        author: params.text("author").unwrap_or_default().to_owned(),
        // What isn't said is true here.
        pause: params.text("pause").is_none() || params.bool("pause"),
        changes: params.all("changes").into_iter().map(str::to_owned).collect(),
        config: config(body)?,
    };
    let container = params.text("container").ok_or_else(|| Error::bad("invalid name or ID supplied: \"\""))?;
    let id = host.commit_container(container, commit).await?;
    Ok((StatusCode::CREATED, Json(CommitResponse { id })))
}

/// What of a container's configuration an image has; a command may be one word alone.
fn config(body: body::Json) -> Reply<Option<Defaults>> {
    let mut value = body.value().clone();
    let Some(fields) = value.as_object_mut() else { return Ok(None) };
    for name in ["Cmd", "Entrypoint", "Shell"] {
        if let Some(word @ Value::String(_)) = fields.get_mut(name) {
            *word = Value::Array(vec![word.take()]);
        }
    }
    serde_json::from_value(value).map(Some).map_err(|error| {
        let shown: String = error.to_string().chars().take(300).collect();
        Error::bad(format!("invalid JSON: {shown}"))
    })
}
