//! `POST /containers/{id}/exec`

use crate::body;
use crate::detach::DetachKeys;
use crate::error::{Error, Reply};
use crate::query::Name;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use engine::VirtualHost;
use engine::container::ExecSpec;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IdResponse {
    id: String,
}

pub(crate) async fn create(
    State(host): State<Arc<VirtualHost>>,
    Name(container): Name,
    body: body::Json,
) -> Reply<(StatusCode, Json<IdResponse>)> {
    let id = host.create_exec(&container, spec(body.parse()?)?).await?;
    Ok((StatusCode::CREATED, Json(IdResponse { id })))
}

/// `Detach` is of no meaning here, as in Docker: the start decides.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ExecBody {
    user: String,
    privileged: bool,
    tty: bool,
    console_size: [u16; 2],
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    detach_keys: String,
    env: Vec<String>,
    working_dir: String,
    cmd: Vec<String>,
}

fn spec(body: ExecBody) -> Reply<ExecSpec> {
    if body.cmd.is_empty() {
        return Err(Error::bad("No exec command specified"));
    }
    if !body.detach_keys.is_empty() && DetachKeys::parse(&body.detach_keys).is_err() {
        return Err(Error::bad(format!("Invalid escape keys ({}) provided", body.detach_keys)));
    }
    Ok(ExecSpec {
        cmd: body.cmd,
        env: body.env,
        user: body.user,
        working_dir: body.working_dir,
        tty: body.tty,
        attach_stdin: body.attach_stdin,
        attach_stdout: body.attach_stdout,
        attach_stderr: body.attach_stderr,
        privileged: body.privileged,
        console_size: body.console_size,
        detach_keys: body.detach_keys,
    })
}
