//! Where connections come from and may go to.

use crate::address::is_public;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};

/// How long one address may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that is being made.
pub type Dialed<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn Stream>>> + Send + 'a>>;

/// Makes connections: from this machine, from a virtual host, or to something in this process.
pub trait Dial: Debug + Send + Sync {
    /// Connects to a port. What is not to be spoken to is [`ErrorKind::PermissionDenied`].
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialed<'a>;
}

/// The world, and nothing nearer, but for what is named.
#[derive(Debug, Clone, Default)]
pub struct PublicNetwork {
    /// `name` or `name:port`.
    allowed: BTreeSet<String>,
}

impl PublicNetwork {
    /// With exceptions, as `name` or `name:port`, which may be anywhere.
    pub fn new(allowed: impl IntoIterator<Item = String>) -> Self {
        Self { allowed: allowed.into_iter().collect() }
    }

    /// Whether it is one of the exceptions.
    pub fn is_named(&self, host: &str, port: u16) -> bool {
        self.allowed.contains(host) || self.allowed.contains(&format!("{host}:{port}"))
    }
}

impl Dial for PublicNetwork {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialed<'a> {
        Box::pin(async move {
            let is_allowed = self.is_named(host, port);
            let addresses: Vec<SocketAddr> = lookup_host((host, port)).await?.collect();
            let found = addresses.len();
            // The very addresses that are connected to: a name may mean another the next time.
            let usable: Vec<_> =
                addresses.into_iter().filter(|address| is_allowed || is_public(address.ip())).collect();
            if usable.is_empty() && found > 0 {
                return Err(Error::new(
                    ErrorKind::PermissionDenied,
                    format!(
                        "{host} is in a private network, which is not spoken to (the workshop's file can allow it: registry.allow)"
                    ),
                ));
            }
            first(&usable).await
        })
    }
}

async fn first(addresses: &[SocketAddr]) -> Result<Box<dyn Stream>> {
    let mut last = Error::new(ErrorKind::NotFound, "no such host");
    for address in addresses {
        match tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(Box::new(stream)),
            Ok(Err(error)) => last = Error::new(error.kind(), format!("dial tcp {address}: {error}")),
            Err(_) => last = Error::new(ErrorKind::TimedOut, format!("dial tcp {address}: i/o timeout")),
        }
    }
    Err(last)
}
