//! Bytes of a request's body go into an upload: as they come, never more than a piece in memory.

use crate::error::{Error, Reply};
use crate::registry::blocking;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use engine::repository::Appending;
use http_body_util::BodyExt;
use std::time::Duration;

/// Bytes that are written at a time.
const PIECE: usize = 256 << 10;

/// Most that is read of a body that is not wanted, so that its client comes to read the answer.
const MOST_UNWANTED: usize = 64 << 20;

/// Writes a body into an upload. With `length`, it must have exactly so many bytes, or none of it counts.
///
/// # Errors
/// The client went away or stopped sending (what has arrived stays); the length is another; the registry is full.
pub(crate) async fn receive(
    mut body: Body,
    mut appending: Appending,
    length: Option<u64>,
    patience: Duration,
) -> Reply<Appending> {
    let begin = appending.size();
    loop {
        let (piece, end) = collect(&mut body, patience).await;
        let too_much = length.is_some_and(|length| appending.size() - begin + piece.len() as u64 > length);
        let is_last = end.is_some();
        let written = blocking(move || {
            if too_much {
                appending.take_back(begin)?;
            } else if let Err(fault) = appending.write(&piece) {
                return Ok((appending, Err(fault)));
            }
            Ok((appending, Ok(())))
        });
        let result;
        (appending, result) = written.await?;
        if result.is_err() || too_much {
            if !is_last {
                // It is written to by nobody any more, but may be gone on with once this is answered.
                drop(appending);
                discard(body, patience).await;
            }
            result?;
            let length = length.unwrap_or_default();
            return Err(Error::size(format!("more than the {length} bytes came that the request spoke of")));
        }
        match end {
            None => {}
            Some(End::Whole) => break,
            Some(End::Stalled) => {
                let seconds = patience.as_secs();
                let message =
                    format!("too little came in {seconds} seconds: ask how far the upload is, and go on from there");
                return Err(Error::upload(StatusCode::REQUEST_TIMEOUT, message).header(header::CONNECTION, "close"));
            }
            Some(End::Broken(reason)) => {
                let message = format!("the body broke off before its end: {reason:.200}");
                return Err(Error::upload(StatusCode::BAD_REQUEST, message).header(header::CONNECTION, "close"));
            }
        }
    }
    let came = appending.size() - begin;
    match length {
        Some(length) if length != came => {
            blocking(move || appending.take_back(begin)).await?;
            Err(Error::size(format!("{came} bytes came, and the request spoke of {length}")))
        }
        _ => Ok(appending),
    }
}

/// Reads a small body whole.
///
/// # Errors
/// `too_large` if it has more bytes than `most`; it breaks off; it does not come in time.
pub(crate) async fn read(
    mut body: Body,
    most: usize,
    patience: Duration,
    too_large: impl FnOnce() -> Error,
) -> Reply<Bytes> {
    let mut whole = BytesMut::new();
    let reading = async {
        while let Some(frame) = body.frame().await {
            let data = frame.map_err(|error| error.to_string())?.into_data().unwrap_or_default();
            whole.extend_from_slice(&data);
            if whole.len() > most {
                return Ok(false);
            }
        }
        Ok::<_, String>(true)
    };
    let incomplete = |message: String| Error::new(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", message);
    match tokio::time::timeout(patience, reading).await {
        Ok(Ok(true)) => Ok(whole.freeze()),
        Ok(Ok(false)) => {
            discard(body, patience).await;
            Err(too_large())
        }
        Ok(Err(reason)) => Err(incomplete(format!("the body broke off before its end: {reason:.200}"))),
        Err(_) => Err(incomplete("the body did not come in time".to_owned())
            .status(StatusCode::REQUEST_TIMEOUT)
            .header(header::CONNECTION, "close")),
    }
}

/// Reads and forgets, as much as is reasonable. Nothing depends on how far it comes.
pub(crate) async fn discard(mut body: Body, patience: Duration) {
    let mut left = MOST_UNWANTED;
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(patience, reading).await;
}

/// What the request says of its body's length.
pub(crate) fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Why no more comes.
enum End {
    Whole,
    Stalled,
    Broken(String),
}

/// The next piece, or what there is of it, and whether that was the end.
async fn collect(body: &mut Body, patience: Duration) -> (Bytes, Option<End>) {
    let mut piece = BytesMut::new();
    let collecting = async {
        while piece.len() < PIECE {
            match body.frame().await {
                None => return Some(End::Whole),
                Some(Err(error)) => return Some(End::Broken(error.to_string())),
                Some(Ok(frame)) => piece.extend_from_slice(&frame.into_data().unwrap_or_default()),
            }
        }
        None
    };
    let end = tokio::time::timeout(patience, collecting).await;
    (piece.freeze(), end.unwrap_or(Some(End::Stalled)))
}
