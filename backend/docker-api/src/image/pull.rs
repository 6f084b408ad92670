//! `POST /images/create`: `docker pull`, `docker import`

use super::{credentials, progress};
use crate::body;
use crate::error::Reply;
use crate::query::Params;
use axum::extract::{Request, State};
use engine::VirtualHost;
use engine::image::PullRequest;
use std::sync::Arc;

pub(crate) async fn pull(State(host): State<Arc<VirtualHost>>, params: Params, request: Request) -> Reply {
    if let Some(source) = params.text("fromSrc") {
        return super::import::import(&host, &params, source, request.into_body()).await;
    }
    let credentials = credentials::of(request.headers());
    // A client whose upload breaks off never reads the answer.
    body::discard(request.into_body()).await;
    let text = |name| params.text(name).map(str::to_owned);
    let request = PullRequest {
        name: text("fromImage").unwrap_or_default(),
        tag: text("tag"),
        platform: text("platform"),
        credentials: credentials?,
    };
    progress::answer(host.pull(request)?).await
}
