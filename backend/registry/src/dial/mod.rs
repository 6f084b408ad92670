//! Where connections go: the caller decides, for every host that a registry leads to.

mod address;
mod public;

pub use address::is_public;
pub use public::PublicNetwork;

use std::fmt::Debug;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite};

/// A network that registries are reached from. Everything goes through it: the registry, its server of tokens, and
/// whatever they redirect to.
pub trait Dial: Debug + Send + Sync {
    /// Connects to a name or an address (IPv6 without brackets). The caller limits the time; an error that is a
    /// [`DialError`] inside is shown as one.
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a>;
}

pub type Dialing<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>>;

/// A connection.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What [`Dial`] can tell of a failure beyond an [`io::Error`], inside of one.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name leads nowhere. The reason: `no such host`.
    #[error("lookup {host}: {reason}")]
    Lookup { host: String, reason: String },
    /// No address of the name takes connections. The address: `192.0.2.1:443`.
    #[error("{address}: {source}")]
    Connect { address: String, source: io::Error },
    #[error(transparent)]
    Private(#[from] PrivateAddress),
}

impl From<DialError> for io::Error {
    fn from(error: DialError) -> Self {
        let kind = match &error {
            DialError::Lookup { .. } => io::ErrorKind::NotFound,
            DialError::Connect { source, .. } => source.kind(),
            DialError::Private(_) => io::ErrorKind::PermissionDenied,
        };
        Self::new(kind, error)
    }
}

/// Where a name leads, and must not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} has the private address {address}, and registries in private networks are not asked; \
     the admin of this server can allow the registry by its name"
)]
pub struct PrivateAddress {
    /// With the port: `registry.lan:5000`.
    pub host: String,
    pub address: IpAddr,
}
