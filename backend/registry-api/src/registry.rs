//! What every endpoint works on, and how it asks and answers.

use crate::error::Reply;
use crate::gate::Gate;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::repository::Repositories;
use std::sync::Arc;
use std::time::Duration;

/// What every endpoint works on.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    pub(crate) repositories: Arc<Repositories>,
    pub(crate) gate: Gate,
    pub(crate) patience: Duration,
}

/// Asks the engine, which blocks.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> engine::repository::Result<T> + Send + 'static,
) -> Reply<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => {
            let error = engine::Error::system(format!("a request to the registry ended: {error}"));
            Err(engine::repository::Fault::Broken(error).into())
        }
    }
}

/// An answer of headers only.
pub(crate) fn empty<const N: usize>(status: StatusCode, headers: [(&'static str, String); N]) -> Response {
    (status, headers).into_response()
}
