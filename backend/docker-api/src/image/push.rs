//! `POST /images/{name}/push`: `docker push`

use super::{credentials, progress};
use crate::body;
use crate::error::Reply;
use crate::query::{Name, Params};
use axum::extract::{Request, State};
use engine::VirtualHost;
use engine::image::PushRequest;
use std::sync::Arc;

pub(crate) async fn push(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
    request: Request,
) -> Reply {
    let credentials = credentials::of(request.headers());
    body::discard(request.into_body()).await;
    params.refuse(&[("platform", "`docker push --platform`")])?;
    let tag = params.text("tag").map(str::to_owned);
    progress::answer(host.push(PushRequest { name, tag, credentials: credentials? })?).await
}
