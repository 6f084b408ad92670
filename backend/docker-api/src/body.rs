//! Request bodies: JSON within limits, and in Go's way of reading it.

use crate::error::{Error, Reply};
use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use engine::json::strip_nulls;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Frame;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;

/// Largest JSON body, in bytes: `docker create -p 1-65535:1-65535 -p 1-65535:1-65535/udp` has 7 MB.
const MAX_JSON: usize = 8 * 1024 * 1024;
/// A JSON body that is longer waits for its turn: a host has one of these in memory at a time.
const USUAL_JSON: usize = 1024 * 1024;
/// Most that is read of a body nobody wants, in bytes: no archive is so large.
const MAX_DISCARD: usize = 64 * 1024 * 1024 * 1024;
/// Chunks of a body that are held before the first is read.
const AHEAD: usize = 8;
/// A client that promises JSON sends it in this time; of other bodies, each part.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Whose turn it is to send a body of more than [`USUAL_JSON`]; goes with every request of one host.
#[derive(Debug, Clone)]
pub(crate) struct LargeBodies(Arc<Semaphore>);

impl Default for LargeBodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// A JSON body without its `null`s, which Go's decoder reads as absent. `Value::Null` if there is none at all.
#[derive(Debug)]
pub(crate) struct Json {
    value: Value,
    is_there: bool,
    /// Held while it is large and there.
    _turn: Option<OwnedSemaphorePermit>,
}

impl Json {
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// Refuses a request without a body, where one is needed.
    pub(crate) fn required(self) -> Reply<Self> {
        if self.is_there { Ok(self) } else { Err(Error::bad("invalid JSON: got EOF while reading request body")) }
    }

    /// The body as a `T`, its defaults where the body says nothing.
    pub(crate) fn parse<T: DeserializeOwned + Default>(self) -> Reply<T> {
        match self.value {
            Value::Null => Ok(T::default()),
            value => serde_json::from_value(value).map_err(|error| invalid(&error)),
        }
    }
}

impl<S: Sync> FromRequest<S> for Json {
    type Rejection = Error;

    async fn from_request(request: Request, _state: &S) -> Reply<Self> {
        let (parts, body) = request.into_parts();
        let large = parts.extensions.get().cloned().unwrap_or_default();
        let (bytes, turn) = read(body, large, TIMEOUT).await?;
        if bytes.is_empty() {
            return Ok(Self { value: Value::Null, is_there: false, _turn: None });
        }
        check_content_type(&parts.headers)?;
        if turn.is_none() {
            return Ok(Self { value: value(&bytes)?, is_there: true, _turn: None });
        }
        // It takes longer than other requests should wait.
        let value = tokio::task::spawn_blocking(move || value(&bytes)).await;
        let value = value.map_err(|error| Error::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))??;
        Ok(Self { value, is_there: true, _turn: turn })
    }
}

fn value(bytes: &[u8]) -> Reply<Value> {
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let mut value = Value::deserialize(&mut text).map_err(|error| invalid(&error))?;
    text.end().map_err(|_| Error::bad("unexpected content after JSON"))?;
    strip_nulls(&mut value);
    if has_nul(&value) {
        return Err(Error::bad("invalid JSON: a string contains the character NUL, which no process can be given"));
    }
    Ok(value)
}

/// Reads and forgets a body for as long as it comes. Docker's client has more to say of an upload that is broken off than of why:
/// `Can't add file … to tar: io: read/write on closed pipe`.
pub(crate) async fn discard(body: Body) {
    let mut body = Limited::new(body, MAX_DISCARD);
    // Nothing depends on how far this comes.
    while let Ok(Some(Ok(_))) = tokio::time::timeout(TIMEOUT, body.frame()).await {}
}

/// A body as what blocks reads it: no more of it is held than a few chunks.
pub(crate) fn reader(mut body: Body) -> (BodyReader, Upload) {
    let (sender, chunks) = mpsc::channel(AHEAD);
    let pumping = async move {
        while let Some(frame) = body.frame().await {
            let chunk = match frame.map(Frame::into_data) {
                Ok(Ok(chunk)) => Ok(chunk),
                // Trailers.
                Ok(Err(_)) => continue,
                Err(error) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, error)),
            };
            if sender.send(chunk).await.is_err() {
                break;
            }
        }
        drop(sender);
        discard(body).await;
    };
    (BodyReader { chunks, current: Bytes::new(), failure: None }, Upload(tokio::spawn(pumping)))
}

/// See [`reader`].
#[derive(Debug)]
pub(crate) struct BodyReader {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    current: Bytes,
    failure: Option<io::Error>,
}

impl BodyReader {
    /// Waits for the first bytes, or the end: what they come from may itself be waiting for something.
    pub(crate) async fn begun(mut self) -> Self {
        match self.chunks.recv().await {
            Some(Ok(chunk)) => self.current = chunk,
            Some(Err(error)) => self.failure = Some(error),
            None => {}
        }
        self
    }
}

impl io::Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        while self.current.is_empty() {
            match self.chunks.blocking_recv() {
                Some(chunk) => self.current = chunk?,
                None => return Ok(0),
            }
        }
        let length = buffer.len().min(self.current.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

/// What brings a body's bytes to its reader.
#[derive(Debug)]
pub(crate) struct Upload(JoinHandle<()>);

impl Upload {
    /// Waits, once the reader is dropped, until the client has been heard out, or has said too much.
    pub(crate) async fn finished(self) {
        // It doesn't panic, and nobody aborts it.
        let _ = self.0.await;
    }
}

async fn read(body: Body, large: LargeBodies, timeout: Duration) -> Reply<(Vec<u8>, Option<OwnedSemaphorePermit>)> {
    // What is announced as too large need not arrive first.
    if body.size_hint().lower() > MAX_JSON as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(timeout, collect(body, large)).await {
        Ok(collected) => collected,
        Err(_) => Err(Error::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the request body did not arrive within {} seconds", timeout.as_secs_f32()),
        )),
    }
}

/// The whole body, and the turn that it had to wait for.
async fn collect(body: Body, LargeBodies(large): LargeBodies) -> Reply<(Vec<u8>, Option<OwnedSemaphorePermit>)> {
    let mut body = Limited::new(body, MAX_JSON);
    let (mut bytes, mut turn) = (Vec::new(), None);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => too_large(),
            false => Error::bad(format!("the request body broke off before its end: {error}")),
        })?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() > USUAL_JSON && turn.is_none() {
            // Nobody closes it.
            turn = large.clone().acquire_owned().await.ok();
        }
    }
    Ok((bytes, turn))
}

fn too_large() -> Error {
    Error::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("request body is larger than {MAX_JSON} bytes, which is the most that is read here"),
    )
}

fn check_content_type(headers: &HeaderMap) -> Reply<()> {
    let content_type = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Error::bad(format!("unsupported Content-Type header ({content_type}): must be 'application/json'")))
}

fn invalid(error: &serde_json::Error) -> Error {
    if error.is_eof() {
        return Error::bad("invalid JSON: unexpected EOF");
    }
    // It repeats what it doesn't understand, and that can be a whole body.
    let shown: String = error.to_string().chars().take(300).collect();
    Error::bad(format!("invalid JSON: {shown}"))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, field)| name.contains('\0') || has_nul(field)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::stream;

    async fn json(content_type: &str, body: &'static str) -> Reply<Json> {
        let request = Request::post("/").header(header::CONTENT_TYPE, content_type).body(Body::from(body)).unwrap();
        Json::from_request(request, &()).await
    }

    #[tokio::test]
    async fn nulls_are_absent() {
        let json = json("application/json; charset=utf-8", r#"{"a":null,"b":{"c":null,"d":[{"e":null}]}}"#).await;
        assert_eq!(json.unwrap().value().to_string(), r#"{"b":{"d":[{}]}}"#);
    }

    #[tokio::test]
    async fn what_is_no_json_is_refused() {
        assert!(json("application/json", "{").await.unwrap_err().message.starts_with("invalid JSON: "));
        assert_eq!(json("application/json", "{} {}").await.unwrap_err().message, "unexpected content after JSON");
        assert!(json("application/json", r#"{"a":["b\u0000"]}"#).await.unwrap_err().message.contains("NUL"));
        assert_eq!(
            json("text/plain", "{}").await.unwrap_err().message,
            "unsupported Content-Type header (text/plain): must be 'application/json'"
        );
        assert!(json("text/plain", "").await.unwrap().value().is_null());
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let body = Body::from_stream(stream::pending::<Result<Bytes, io::Error>>());
        let error = read(body, LargeBodies::default(), Duration::from_millis(10)).await.unwrap_err();
        assert_eq!(error.status, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_is_refused() {
        let error = read(Body::from(vec![b' '; MAX_JSON + 1]), LargeBodies::default(), TIMEOUT).await.unwrap_err();
        assert_eq!(error.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn one_large_body_waits_for_another() {
        let large = LargeBodies::default();
        let body = || Body::from(vec![b' '; USUAL_JSON + 1]);
        let (_, turn) = read(body(), large.clone(), TIMEOUT).await.unwrap();
        let error = read(body(), large.clone(), Duration::from_millis(10)).await.unwrap_err();
        assert_eq!(error.status, StatusCode::REQUEST_TIMEOUT);
        assert!(read(Body::from("{}"), large.clone(), TIMEOUT).await.unwrap().1.is_none(), "a small one does not");
        drop(turn);
        assert!(read(body(), large, TIMEOUT).await.unwrap().1.is_some());
    }
}
