//! The page and its endpoints.

mod api;
mod deck_files;
mod guard;
mod headers;
mod listen;
mod page;
mod problem;

pub use guard::Guard;
pub use listen::listen;
pub use page::Site;

use crate::workshop::Workshop;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use deck_files::DeckFiles;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

/// Largest body of a request, in bytes: a name fits many times.
const MAX_BODY: usize = 4 * 1024;

/// How long a request may take until its answer begins.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Everything that is answered for a workshop.
///
/// # Errors
/// The deck's folder can't be opened.
pub fn router(workshop: Arc<Workshop>, guard: Guard, site: Site) -> std::io::Result<Router> {
    let headers = headers::SecurityHeaders::new(site.import_map_hashes());
    let deck_files = Arc::new(DeckFiles::open(&workshop.deck_folder)?);
    let api = api::endpoints()
        .into_iter()
        .fold(Router::new(), |router, endpoint| endpoint.add_to(router, &workshop))
        .with_state(workshop)
        .fallback(api::not_found)
        .method_not_allowed_fallback(api::not_found);
    let deck_files = Router::new().route("/{*path}", get(deck_files::show)).with_state(deck_files);
    Ok(Router::new()
        .nest("/api", api)
        .nest("/deck", deck_files)
        .fallback_service(site.service())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(Arc::new(guard), guard::check))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, TIMEOUT))
        .layer(from_fn(page::set_caching))
        .layer(from_fn_with_state(Arc::new(headers), headers::set))
        .layer(TraceLayer::new_for_http()))
}

#[cfg(test)]
mod tests;
