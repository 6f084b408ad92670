//! `GET /api/deck`: the deck. It needs no session: who may see the page may read it.

use super::ApiError;
use crate::workshop::Workshop;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub(in crate::web) async fn show(
    State(workshop): State<Arc<Workshop>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let json = serde_json::to_vec(&workshop.deck.deck).map_err(ApiError::internal)?;
    // Weak: compressed on the way it is the same deck.
    let tag = format!("W/\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(&json)[..16]));
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (ETAG, tag)], json).into_response())
}
