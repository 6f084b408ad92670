//! `GET` and `HEAD /v2/<name>/blobs/<digest>`, whole or in part.

use crate::error::{Error, Reply};
use crate::range::Wanted;
use crate::registry::{Registry, blocking, empty};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use futures_util::stream;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Bytes that are read at a time.
const PIECE: u64 = 256 << 10;

pub(crate) async fn get(registry: Registry, repository: String, digest: String, headers: &HeaderMap) -> Reply {
    let (blob, file) = blocking(move || registry.repositories.open_blob(&repository, &digest)).await?;
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let tag = format!("\"{}\"", blob.digest);
    let same = |header: &str| header.split(',').any(|one| matches!(one.trim(), any if any == tag || any == "*"));
    let headers_of_all = [
        ("docker-content-digest", blob.digest.clone()),
        ("etag", tag.clone()),
        ("accept-ranges", "bytes".to_owned()),
        // What has a digest never changes.
        ("cache-control", "max-age=31536000, immutable".to_owned()),
    ];
    if text(header::IF_NONE_MATCH).is_some_and(same) {
        return Ok(empty(StatusCode::NOT_MODIFIED, headers_of_all));
    }
    // Who has begun with another version gets all of this one.
    let range = text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|begun| begun == tag));
    let (status, first, length) = match range.map_or(Wanted::All, |range| Wanted::of(range, blob.size)) {
        Wanted::All => (StatusCode::OK, 0, blob.size),
        Wanted::Part { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        Wanted::Nothing => {
            let message = format!("the blob has {} bytes, and none of them were asked for", blob.size);
            return Err(Error::size(message)
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, &format!("bytes */{}", blob.size)));
        }
    };
    let mut response = (status, headers_of_all, Body::from_stream(pieces(file, first, length))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/octet-stream"));
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = format!("bytes {first}-{}/{}", first + length - 1, blob.size).parse()
    {
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

/// A file's bytes, so many from `first` on, read as they are wanted.
fn pieces(file: File, first: u64, length: u64) -> impl futures_util::Stream<Item = io::Result<Bytes>> {
    let file = Arc::new(file);
    stream::try_unfold((first, length), move |(position, left)| {
        let file = Arc::clone(&file);
        async move {
            if left == 0 {
                return Ok(None);
            }
            let wanted = left.min(PIECE);
            let piece = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; usize::try_from(wanted).map_err(io::Error::other)?];
                file.read_exact_at(&mut piece, position)?;
                io::Result::Ok(piece)
            })
            .await??;
            Ok(Some((Bytes::from(piece), (position + wanted, left - wanted))))
        }
    })
}
