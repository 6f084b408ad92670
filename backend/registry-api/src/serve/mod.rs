//! Connections, within limits: whoever connects is not trusted.

use crate::patient::Patient;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

/// Connections of one listener at once. More wait in its backlog.
const MAX_CONNECTIONS: usize = 256;
/// Head of a request, in bytes.
const MAX_HEAD: usize = 64 * 1024;
const MAX_HEADERS: usize = 100;
/// How long a client may take to say what it wants, also between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a client may take nothing of what it asked for.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// Serves a router of [`crate::router`] on a listener, for ever. Dropping the future ends every connection.
pub async fn serve(listener: TcpListener, router: Router) {
    let serve = |stream, _, place| {
        let router = router.clone();
        async move {
            serve_stream(stream, router).await;
            drop(place);
        }
    };
    engine::accept(listener, MAX_CONNECTIONS, serve).await;
}

/// Serves one connection until it ends. It need not be one of a network: with [`tokio::io::duplex`], a client in the same process
/// reaches the registry by the other end.
pub async fn serve_stream(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, router: Router) {
    let stream = TokioIo::new(Patient::new(stream, WRITE_TIMEOUT));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .serve_connection(stream, TowerToHyperService::new(router));
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection to the registry ended early");
    }
}

#[cfg(test)]
mod tests;
