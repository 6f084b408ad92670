//! Takes connections.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;

/// Connections at once, WebSockets included. A browser opens six and a socket for each tab.
const MAX_CONNECTIONS: usize = 2048;

/// How long a browser may take to say what it wants.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// Serves `router` on `listener`, for ever. Dropping the future ends every connection.
pub async fn listen(listener: TcpListener, router: Router) {
    engine::accept(listener, MAX_CONNECTIONS, |stream, _, place| serve(stream, router.clone(), place)).await;
}

async fn serve(stream: TcpStream, router: Router, place: OwnedSemaphorePermit) {
    // A key's echo is one small packet that must not wait for the next.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(64 * 1024);
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).with_upgrades();
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection broke");
    }
    drop(place);
}
