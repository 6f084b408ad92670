//! A connection, from the name to the point where requests can be sent.

use super::request::Outgoing;
use super::sniff::Sniff;
use super::{Failure, Origin, Scheme, Tls};
use crate::dial::{Dial, Stream};
use crate::{Timeouts, Unreachable};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Bounds the head of an answer, and how much of its body is held at once.
const BUFFER: usize = 256 << 10;

/// One connection to one server. Dropping it closes it, whatever goes on.
#[derive(Debug)]
pub(super) struct Connection {
    pub(crate) sender: SendRequest<Outgoing>,
    _task: AbortOnDrop,
}

#[derive(Debug)]
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Debug)]
pub(super) struct Connector {
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) tls: Arc<Tls>,
    pub(crate) timeouts: Timeouts,
}

impl Connector {
    pub(super) async fn connect(&self, origin: &Origin) -> Result<Connection, Failure> {
        let dialing = timeout(self.timeouts.connect, self.dial.dial(&origin.host, origin.port));
        let stream =
            dialing.await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into())).map_err(Failure::of_dial)?;
        match origin.scheme {
            Scheme::Http => start(stream).await,
            Scheme::Https => start(Box::new(self.encrypt(origin, stream).await?)).await,
        }
    }

    async fn encrypt(&self, origin: &Origin, stream: Box<dyn Stream>) -> Result<impl Stream + 'static, Failure> {
        let failed = |why: String| Failure::Unreachable(Unreachable::Tls(why));
        let config = self.tls.config(origin).map_err(|e| failed(e.to_string()))?;
        let name = ServerName::try_from(origin.host.clone()).map_err(|e| failed(e.to_string()))?;
        let handshake = TlsConnector::from(config).connect(name, Sniff::new(stream)).into_fallible();
        match timeout(self.timeouts.tls, handshake).await {
            Err(_) => Err(Failure::Unreachable(Unreachable::TlsTimeout)),
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err((_, stream))) if stream.is_http() => Err(Failure::Unreachable(Unreachable::PlainHttp)),
            Ok(Err((error, _))) => Err(failed(reason(&error))),
        }
    }
}

async fn start(stream: Box<dyn Stream>) -> Result<Connection, Failure> {
    let handshake = http1::Builder::new().max_buf_size(BUFFER).handshake(TokioIo::new(stream));
    let (sender, connection) = handshake.await.map_err(|e| Failure::of_http(&e))?;
    // What goes wrong there, those learn who wait for an answer.
    let task = tokio::spawn(async move { drop(connection.await) });
    Ok(Connection { sender, _task: AbortOnDrop(task.abort_handle()) })
}

/// Why a handshake failed, in Docker's words where people know them, with what to do.
fn reason(error: &std::io::Error) -> String {
    use rustls::CertificateError as Certificate;
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(Certificate::UnknownIssuer | Certificate::BadSignature)) => {
            "failed to verify certificate: x509: certificate signed by unknown authority; \
             the admin of this server can add that authority to those it trusts"
                .to_owned()
        }
        Some(rustls::Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. })) => {
            "failed to verify certificate: x509: certificate has expired or is not yet valid".to_owned()
        }
        Some(rustls::Error::InvalidCertificate(error)) => format!("failed to verify certificate: x509: {error}"),
        Some(rustls::Error::InvalidMessage(_)) => "first record does not look like a TLS handshake".to_owned(),
        Some(error) => error.to_string(),
        None => error.to_string(),
    }
}
