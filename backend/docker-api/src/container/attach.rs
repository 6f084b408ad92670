//! `POST /containers/{id}/attach`

use crate::detach::DetachKeys;
use crate::error::Reply;
use crate::hijack::{Hijack, RAW};
use crate::query::{Name, Params};
use axum::extract::{Request, State};
use axum::response::Response;
use engine::VirtualHost;
use engine::container::AttachOptions;
use std::sync::Arc;

pub(crate) async fn attach(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
    mut request: Request,
) -> Response {
    let hijack = Hijack::of(&mut request);
    // As in Docker, which has the connection by then, and answers like that to clients that expect JSON, too.
    streams(host, name, &params, hijack).await.unwrap_or_else(|error| error.in_plain_text(RAW, "\r\n"))
}

async fn streams(host: Arc<VirtualHost>, name: String, params: &Params, mut hijack: Hijack) -> Reply {
    let options = options(params);
    hijack.stdin = options.stdin && options.stream;
    if let Some(keys) = params.text("detachKeys") {
        hijack.detach_keys = DetachKeys::parse(keys)?;
    }
    let (detached_from, detached) = (host.clone(), name.clone());
    hijack.on_detach = Some(Box::new(move || detached_from.container_detached(&detached)));
    hijack.check()?;
    let attached = host.attach_container(&name, options).await?;
    Ok(hijack.respond(attached.tty, std::future::ready(Ok(attached))))
}

pub(super) fn options(params: &Params) -> AttachOptions {
    AttachOptions {
        stdin: params.bool("stdin"),
        stdout: params.bool("stdout"),
        stderr: params.bool("stderr"),
        logs: params.bool("logs"),
        stream: params.bool("stream"),
    }
}
