//! Serves the API on a unix socket, within limits: whoever connects is not trusted.

use crate::body::LargeBodies;
use crate::error::Error;
use crate::router::router;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::VirtualHost;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::OwnedSemaphorePermit;
use tower::ServiceExt;

/// Connections of one host at once, hijacked ones included. More wait in the socket's backlog.
const MAX_CONNECTIONS: usize = 256;
/// Head of a request, in bytes. Docker's own registry credentials can be several KiB.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// Docker's own: a client that has begun a request must get its head across in this time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(300);

/// A connection's place among [`MAX_CONNECTIONS`]; a hijacked stream keeps it alive.
#[derive(Debug, Clone)]
pub(crate) struct Place(#[expect(dead_code, reason = "held for its drop")] Arc<OwnedSemaphorePermit>);

/// Serves the Docker API of `host` on `listener`, for ever.
///
/// Dropping the future ends every connection but those that were hijacked; these end with their containers.
pub async fn serve(listener: UnixListener, host: Arc<VirtualHost>) {
    serve_router(listener, router(host)).await;
}

async fn serve_router(listener: UnixListener, router: Router) {
    let large = LargeBodies::default();
    let serve = |stream, _, place| serve_connection(stream, router.clone(), Place(Arc::new(place)), large.clone());
    engine::accept(listener, MAX_CONNECTIONS, serve).await;
}

async fn serve_connection(stream: UnixStream, router: Router, place: Place, large: LargeBodies) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(place.clone());
        request.extensions_mut().insert(large.clone());
        answer(router.clone(), request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the Docker API ended early");
    }
}

/// In a task of its own: a client that goes away must not stop an operation half-way.
async fn answer(router: Router, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
    match tokio::spawn(router.oneshot(request)).await {
        Ok(answered) => answered,
        Err(error) => {
            tracing::error!(%error, "a handler of the Docker API panicked");
            Ok(Error::new(StatusCode::INTERNAL_SERVER_ERROR, "the engine failed at this request: see its log")
                .into_response())
        }
    }
}

#[cfg(test)]
mod tests;
