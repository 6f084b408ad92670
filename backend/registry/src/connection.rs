//! Connections to registries, kept for as long as somebody may want them again.

use crate::client::Timeouts;
use crate::dial::{Dial, Stream};
use crate::error::{Error, Kind, Result};
use crate::origin::{Origin, Scheme};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper::header::{HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_rustls::TlsConnector;

pub(crate) type RequestBody = UnsyncBoxBody<Bytes, io::Error>;

/// Connections that wait; a pull has three blobs at once.
const MOST_IDLE: usize = 4;

/// Bytes of an answer's head, at most.
const LARGEST_HEAD: usize = 64 << 10;

/// The connections of one repository.
#[derive(Debug)]
pub(crate) struct Connections {
    dial: Arc<dyn Dial>,
    tls: TlsConnectorOf,
    timeouts: Timeouts,
    idle: Mutex<Vec<(Origin, SendRequest<RequestBody>)>>,
}

#[derive(Clone)]
pub(crate) struct TlsConnectorOf(pub(crate) Arc<rustls::ClientConfig>);

impl std::fmt::Debug for TlsConnectorOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsConnector")
    }
}

/// What comes back. The connection is free again when it has been read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Incoming,
    connection: Option<SendRequest<RequestBody>>,
    origin: Origin,
    connections: Arc<Connections>,
}

impl Connections {
    pub(crate) fn new(dial: Arc<dyn Dial>, tls: TlsConnectorOf, timeouts: Timeouts) -> Arc<Self> {
        Arc::new(Self { dial, tls, timeouts, idle: Mutex::default() })
    }

    /// Sends a request without a body, or with one that is there as a whole.
    pub(crate) async fn send(
        self: &Arc<Self>,
        method: &Method,
        origin: &Origin,
        path: &str,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Answer> {
        let whole = || body.clone().map_or_else(empty, full);
        // Whoever waits may have been hung up on: then another connection must do.
        if let Some(waiting) = self.take(origin)
            && let Ok(answer) = self.exchange(waiting, method, origin, path, headers, whole()).await
        {
            return Ok(answer);
        }
        let connection = self.connect(origin).await?;
        self.exchange(connection, method, origin, path, headers, whole()).await
    }

    /// Sends a request with a body that comes by and by, on a connection of its own.
    pub(crate) async fn send_stream(
        self: &Arc<Self>,
        method: &Method,
        origin: &Origin,
        path: &str,
        headers: &HeaderMap,
        body: RequestBody,
    ) -> Result<Answer> {
        let connection = self.connect(origin).await?;
        let request = request(method, origin, path, headers, body)?;
        // No limit of its own: the body has one for each of its parts.
        self.answered(connection, origin, Duration::from_hours(6), request).await
    }

    async fn exchange(
        self: &Arc<Self>,
        connection: SendRequest<RequestBody>,
        method: &Method,
        origin: &Origin,
        path: &str,
        headers: &HeaderMap,
        body: RequestBody,
    ) -> Result<Answer> {
        let request = request(method, origin, path, headers, body)?;
        self.answered(connection, origin, self.timeouts.head, request).await
    }

    async fn answered(
        self: &Arc<Self>,
        mut connection: SendRequest<RequestBody>,
        origin: &Origin,
        patience: Duration,
        request: Request<RequestBody>,
    ) -> Result<Answer> {
        let broken = |why: String| Error::transient(Kind::Unreachable, format!("{origin}: {why}"));
        let sent = async {
            connection.ready().await?;
            connection.send_request(request).await
        };
        let response = match tokio::time::timeout(patience, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_parse() => return Err(not_http(origin)),
            Ok(Err(error)) => return Err(broken(format!("the connection broke off: {error}"))),
            Err(_) => return Err(broken("the registry does not answer".to_owned())),
        };
        let (head, body) = response.into_parts();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
            connection: Some(connection),
            origin: origin.clone(),
            connections: self.clone(),
        })
    }

    async fn connect(&self, origin: &Origin) -> Result<SendRequest<RequestBody>> {
        let stream = self.dial.dial(&origin.host, origin.port).await.map_err(|error| cannot_dial(origin, &error))?;
        match origin.scheme {
            Scheme::Http => self.speak(origin, stream).await,
            Scheme::Https => {
                let name = ServerName::try_from(origin.host.clone()).map_err(|_| {
                    Error::new(Kind::Unreachable, format!("{origin}: that is no name for a certificate"))
                })?;
                let connector = TlsConnector::from(self.tls.0.clone());
                let encrypted = tokio::time::timeout(self.timeouts.connect, connector.connect(name, stream)).await;
                let stalled = || Error::new(Kind::Unreachable, format!("{origin}: net/http: TLS handshake timeout"));
                let encrypted = encrypted.map_err(|_| stalled())?.map_err(|error| cannot_encrypt(origin, &error))?;
                self.speak(origin, Box::new(encrypted)).await
            }
        }
    }

    async fn speak(&self, origin: &Origin, stream: Box<dyn Stream>) -> Result<SendRequest<RequestBody>> {
        let spoken =
            hyper::client::conn::http1::Builder::new().max_buf_size(LARGEST_HEAD).handshake(TokioIo::new(stream)).await;
        let (connection, driver) =
            spoken.map_err(|error| Error::transient(Kind::Unreachable, format!("{origin}: {error}")))?;
        // It ends with the one who sends.
        tokio::spawn(driver.map(drop));
        Ok(connection)
    }

    fn take(&self, origin: &Origin) -> Option<SendRequest<RequestBody>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let position = idle.iter().position(|(own, connection)| own == origin && connection.is_ready())?;
        Some(idle.swap_remove(position).1)
    }

    fn give_back(&self, origin: &Origin, connection: SendRequest<RequestBody>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, connection)| !connection.is_closed());
        if !connection.is_closed() && idle.len() < MOST_IDLE {
            idle.push((origin.clone(), connection));
        }
    }
}

impl Answer {
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The next bytes; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        let broken = |why: String| Error::transient(Kind::Unreachable, format!("{}: {why}", self.origin));
        loop {
            match tokio::time::timeout(self.connections.timeouts.stall, self.body.frame()).await {
                Err(_) => return Err(broken("the registry stalls: nothing came for a while".to_owned())),
                Ok(Some(Err(error))) => return Err(broken(format!("the connection broke off: {error}"))),
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Ok(None) => {
                    if let Some(connection) = self.connection.take() {
                        self.connections.give_back(&self.origin, connection);
                    }
                    return Ok(None);
                }
            }
        }
    }

    /// All of it, if it isn't more than `most` bytes.
    pub(crate) async fn bytes(mut self, most: usize) -> Result<Bytes> {
        let large =
            || Error::new(Kind::TooLarge, format!("{}: the registry sends more than {most} bytes", self.origin));
        if self.body.size_hint().lower() > most as u64 {
            return Err(large());
        }
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if all.len() + chunk.len() > most {
                return Err(Error::new(
                    Kind::TooLarge,
                    format!("{}: the registry sends more than {most} bytes", self.origin),
                ));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }
}

pub(crate) fn empty() -> RequestBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

pub(crate) fn full(bytes: Bytes) -> RequestBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

fn request(
    method: &Method,
    origin: &Origin,
    path: &str,
    headers: &HeaderMap,
    body: RequestBody,
) -> Result<Request<RequestBody>> {
    let mut request = Request::builder().method(method).uri(path).body(body).map_err(|error| {
        Error::new(Kind::Broken, format!("{origin}: {:?} can't be asked for: {error}", crate::error::shown(path)))
    })?;
    request.headers_mut().extend(headers.clone());
    if let Ok(authority) = HeaderValue::from_str(&origin.authority()) {
        request.headers_mut().insert(HOST, authority);
    }
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("lernhafen"));
    Ok(request)
}

fn cannot_dial(origin: &Origin, error: &io::Error) -> Error {
    let kind = if error.kind() == io::ErrorKind::PermissionDenied { Kind::Private } else { Kind::Unreachable };
    let said = error.to_string();
    let said = if said.contains("failed to lookup") || said.contains("no such host") {
        format!("dial tcp: lookup {}: no such host", origin.host)
    } else {
        said
    };
    Error::new(kind, format!("Get \"{origin}/v2/\": {said}"))
}

fn cannot_encrypt(origin: &Origin, error: &io::Error) -> Error {
    let is_other = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match is_other {
        Some(rustls::Error::InvalidMessage(_)) => Error::new(
            Kind::Unreachable,
            format!("Get \"{origin}/v2/\": http: server gave HTTP response to HTTPS client"),
        ),
        Some(rustls::Error::InvalidCertificate(why)) => Error::new(
            Kind::Unreachable,
            format!(
                "Get \"{origin}/v2/\": tls: failed to verify certificate: {why}. The administrator can add the authority that signed it to \
                 the machine's (update-ca-certificates)"
            ),
        ),
        _ => Error::transient(Kind::Unreachable, format!("Get \"{origin}/v2/\": tls: {error}")),
    }
}

fn not_http(origin: &Origin) -> Error {
    Error::new(
        Kind::Broken,
        format!("Get \"{origin}/v2/\": malformed HTTP response: what answers there is no registry"),
    )
}
