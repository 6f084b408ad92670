//! Takes connections.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections at once, WebSockets included. A browser opens six and a socket for each tab.
const MAX_CONNECTIONS: usize = 2048;

/// How long a browser may take to say what it wants.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// Pause after a connection that couldn't be taken: there are no file descriptors left, for a while.
const PAUSE: Duration = Duration::from_millis(200);

/// Serves `router` on `listener` for ever.
pub async fn listen(listener: TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection can't be taken");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // A key's echo is one small packet that must not wait for the next.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let service = TowerToHyperService::new(router.clone());
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(64 * 1024);
        tokio::spawn(async move {
            if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).with_upgrades().await {
                tracing::debug!(%error, "a connection broke");
            }
            drop(place);
        });
    }
}
