//! Answers for what Docker has and Lernhafen has not yet.

use crate::body;
use crate::error::Error;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::{MethodFilter, MethodRouter, on};

/// A route that says that `what` is not there yet.
pub(crate) fn not_yet<S: Clone + Send + Sync + 'static>(method: MethodFilter, what: &'static str) -> MethodRouter<S> {
    refuse(method, move || Error::not_yet(what))
}

/// A route of a swarm, on a host that is in none: what Docker says then.
pub(crate) fn no_swarm<S: Clone + Send + Sync + 'static>(method: MethodFilter) -> MethodRouter<S> {
    refuse(method, || {
        Error::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" \
             to connect this node to swarm and try again.",
        )
    })
}

/// Leaving a swarm, on a host that is in none.
pub(crate) fn not_in_swarm<S: Clone + Send + Sync + 'static>(method: MethodFilter) -> MethodRouter<S> {
    refuse(method, || Error::new(StatusCode::SERVICE_UNAVAILABLE, "This node is not part of a swarm"))
}

/// Reads what the client sends before it refuses: a client whose upload breaks off never reads the answer.
fn refuse<S, F>(method: MethodFilter, error: F) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    F: Fn() -> Error + Clone + Send + Sync + 'static,
{
    on(method, async move |request: Request| {
        body::discard(request.into_body()).await;
        error()
    })
}
