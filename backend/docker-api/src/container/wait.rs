//! `POST /containers/{id}/wait`

use crate::error::{Error, Reply};
use crate::query::{Name, Params};
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::VirtualHost;
use engine::container::{WaitCondition, WaitResult};
use serde::Serialize;
use std::sync::Arc;

/// The head goes out at once, as the client starts the container only then; the body when the wait is over.
pub(crate) async fn wait(State(host): State<Arc<VirtualHost>>, Name(name): Name, params: Params) -> Reply {
    let waiter = host.wait_container(&name, condition(params.text("condition"))?).await?;
    let body = futures_util::stream::once(async { line(waiter.wait().await) });
    let response: Response = ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response();
    Ok(response)
}

fn condition(text: Option<&str>) -> Reply<WaitCondition> {
    match text {
        None | Some("not-running") => Ok(WaitCondition::NotRunning),
        Some("next-exit") => Ok(WaitCondition::NextExit),
        Some("removed") => Ok(WaitCondition::Removed),
        Some(other) => Err(Error::bad(format!("invalid condition: {other:?}"))),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WaitResponse {
    status_code: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<WaitError>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WaitError {
    message: String,
}

fn line(result: WaitResult) -> serde_json::Result<Vec<u8>> {
    let response =
        WaitResponse { status_code: result.status_code, error: result.error.map(|message| WaitError { message }) };
    let mut line = serde_json::to_vec(&response)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_error_is_there_only_if_there_is_one() {
        assert_eq!(line(WaitResult { status_code: 3, error: None }).unwrap(), b"{\"StatusCode\":3}\n");
        let failed = WaitResult { status_code: 125, error: Some("gone".into()) };
        assert_eq!(line(failed).unwrap(), b"{\"StatusCode\":125,\"Error\":{\"Message\":\"gone\"}}\n");
    }

    #[test]
    fn conditions_are_dockers() {
        assert_eq!(condition(None).unwrap(), WaitCondition::NotRunning);
        assert_eq!(condition(Some("removed")).unwrap(), WaitCondition::Removed);
        assert!(condition(Some("later")).is_err());
    }
}
