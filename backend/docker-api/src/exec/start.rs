//! `POST /exec/{id}/start`

use crate::body::Json;
use crate::detach::DetachKeys;
use crate::error::Reply;
use crate::hijack::Hijack;
use crate::query::Name;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use engine::VirtualHost;
use serde::Deserialize;
use std::sync::Arc;

/// `Tty` is here, too, but what counts is what the exec was created with.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct StartBody {
    detach: bool,
    console_size: Option<[u16; 2]>,
}

pub(crate) async fn start(State(host): State<Arc<VirtualHost>>, Name(id): Name, mut request: Request) -> Reply {
    let mut hijack = Hijack::of(&mut request);
    let body: StartBody = Json::from_request(request, &()).await?.parse()?;
    let exec = host.exec(&id).await?;
    hijack.stdin = exec.spec.attach_stdin && !body.detach;
    if !exec.spec.detach_keys.is_empty() {
        hijack.detach_keys = DetachKeys::parse(&exec.spec.detach_keys)?;
    }
    let (detached_from, detached) = (host.clone(), id.clone());
    hijack.on_detach = Some(Box::new(move || detached_from.exec_detached(&detached)));
    hijack.check()?;
    let console_size = body.console_size.filter(|_| exec.spec.tty);
    if body.detach {
        host.start_exec(&id, true, console_size).await?;
        return Ok(StatusCode::OK.into_response());
    }
    let started = async move {
        let attached = host.start_exec(&id, false, console_size).await?;
        attached.ok_or_else(|| engine::Error::system(format!("exec {id} has no streams")))
    };
    Ok(hijack.respond(exec.spec.tty, started))
}
