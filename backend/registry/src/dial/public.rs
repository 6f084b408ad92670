//! The machine's own way to the internet, for what users name: to public addresses only.

use super::{Dial, DialError, Dialing, PrivateAddress, Stream, is_public};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// Connects from the machine itself, and refuses addresses that are not public: a learner who names a registry must not
/// reach what only the machine reaches. The check is on the very address that is connected to, so that a name that
/// leads elsewhere a moment later gains nothing.
#[derive(Debug, Clone)]
pub struct PublicNetwork {
    /// `registry.lan`, or `registry.lan:5000` for this port only.
    exceptions: HashSet<String>,
    /// Each look-up keeps a thread busy until the system's resolver gives up, even if nobody waits for it any more.
    lookups: Arc<Semaphore>,
}

const CONCURRENT_LOOKUPS: usize = 16;

/// Addresses of a name that are tried.
const MOST_ADDRESSES: usize = 6;

/// How much earlier than the next address each address is tried: one that does not answer delays the others by no more.
const HEAD_START: Duration = Duration::from_millis(250);

impl PublicNetwork {
    /// `exceptions` are names of registries, as in images' names, that may have any address; one without a port
    /// stands for all its ports.
    pub fn new<S: AsRef<str>>(exceptions: impl IntoIterator<Item = S>) -> Self {
        let exceptions = exceptions.into_iter().map(|name| name.as_ref().to_ascii_lowercase()).collect();
        Self { exceptions, lookups: Arc::new(Semaphore::new(CONCURRENT_LOOKUPS)) }
    }

    /// The same network with further exceptions. Both share how much they look up at once.
    #[must_use]
    pub fn except<S: AsRef<str>>(&self, exceptions: impl IntoIterator<Item = S>) -> Self {
        let mut other = self.clone();
        other.exceptions.extend(exceptions.into_iter().map(|name| name.as_ref().to_ascii_lowercase()));
        other
    }

    fn is_exception(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        self.exceptions.contains(&format!("{host}:{port}")) || self.exceptions.contains(&host)
    }

    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, DialError> {
        let mut addresses = self.lookup(host, port).await?;
        if !self.is_exception(host, port) {
            let refused = addresses.iter().find(|address| !is_allowed(**address)).map(SocketAddr::ip);
            addresses.retain(|address| is_allowed(*address));
            if let (true, Some(address)) = (addresses.is_empty(), refused) {
                let host = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
                return Err(PrivateAddress { host, address }.into());
            }
        }
        addresses.truncate(MOST_ADDRESSES);
        let mut attempts: FuturesUnordered<_> =
            (0..).zip(addresses).map(|(place, address)| attempt(place, address)).collect();
        let mut first_failure = None;
        while let Some(attempt) = attempts.next().await {
            match attempt {
                Ok(stream) => return Ok(stream),
                Err(error) => first_failure = first_failure.or(Some(error)),
            }
        }
        Err(first_failure.unwrap_or_else(|| no_such_host(host)))
    }

    async fn lookup(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, DialError> {
        let failed = |reason: String| DialError::Lookup { host: host.to_owned(), reason };
        let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(|e| failed(e.to_string()))?;
        let name = host.to_owned();
        let found = tokio::task::spawn_blocking(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(|addresses| addresses.collect::<Vec<_>>());
            drop(permit);
            found
        });
        let found = found.await.map_err(|e| failed(e.to_string()))?;
        match found {
            Ok(addresses) if addresses.is_empty() => Err(no_such_host(host)),
            Ok(addresses) => Ok(addresses),
            Err(e) => {
                let reason = e.to_string();
                let unknown = ["not known", "No address", "does not resolve"].iter().any(|it| reason.contains(it));
                if unknown { Err(no_such_host(host)) } else { Err(failed(reason)) }
            }
        }
    }
}

impl Dial for PublicNetwork {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let stream = self.connect(host, port).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

async fn attempt(place: u32, address: SocketAddr) -> Result<TcpStream, DialError> {
    tokio::time::sleep(HEAD_START * place).await;
    let failed = |source| DialError::Connect { address: address.to_string(), source };
    TcpStream::connect(address).await.map_err(failed)
}

/// A public address may still be the machine's own, where services listen that a firewall keeps from others.
fn is_allowed(address: SocketAddr) -> bool {
    is_public(address.ip()) && !is_own(address).unwrap_or(false)
}

/// Asks the kernel which address it would send from. Connecting this way sends nothing.
fn is_own(address: SocketAddr) -> io::Result<bool> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    Ok(socket.local_addr()?.ip() == address.ip())
}

fn no_such_host(host: &str) -> DialError {
    DialError::Lookup { host: host.to_owned(), reason: "no such host".to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    async fn failure(network: &PublicNetwork, host: &str, port: u16) -> DialError {
        let Err(error) = network.dial(host, port).await else { panic!("{host} was dialed") };
        *error.into_inner().unwrap().downcast::<DialError>().unwrap()
    }

    #[tokio::test]
    async fn private_addresses_are_refused_however_they_are_written() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let network = PublicNetwork::new(["registry.lan", "127.0.0.1:1"]);
        for host in
            ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0", "::1", "::ffff:127.0.0.1", "10.0.0.1"]
        {
            let error = failure(&network, host, port).await;
            assert!(matches!(error, DialError::Private(_)), "{host}: {error}");
        }
        let error = failure(&network, "169.254.169.254", 80).await;
        let wanted = "169.254.169.254:80 has the private address 169.254.169.254, and registries in private networks are \
            not asked; the admin of this server can allow the registry by its name";
        assert_eq!(error.to_string(), wanted);
    }

    #[tokio::test]
    async fn the_admin_allows_registries_by_name() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for exception in ["LocalHost".to_owned(), format!("localhost:{port}")] {
            assert!(PublicNetwork::new([exception]).dial("localhost", port).await.is_ok());
        }
        let error = failure(&PublicNetwork::new(["localhost:1"]), "localhost", port).await;
        assert!(matches!(error, DialError::Private(_)));
        drop(listener);
        let error = failure(&PublicNetwork::new(["127.0.0.1"]), "127.0.0.1", port).await;
        assert!(matches!(error, DialError::Connect { .. }));
    }

    #[test]
    fn the_machines_own_addresses_are_told_without_asking_them() {
        assert!(is_own("127.0.0.1:9".parse().unwrap()).unwrap());
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_is_no_host() {
        // Refused by the resolver itself: no look-up leaves the machine.
        let error = failure(&PublicNetwork::new(["a"]), &"a".repeat(300), 443).await;
        assert!(matches!(error, DialError::Lookup { .. }), "{error}");
    }
}
