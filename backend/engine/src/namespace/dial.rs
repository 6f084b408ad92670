//! Connections from within a virtual host.

use super::within;
use registry::DialError;
use std::io::{Error, ErrorKind, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};

/// How long an address may take to answer: what is local answers at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects to an address, or to `localhost`, as a process of the host would.
pub(crate) async fn from_namespace(namespace: &OwnedFd, host: &str, port: u16) -> Result<TcpStream> {
    let mut last = DialError::Lookup { host: host.to_owned(), reason: "no such host".to_owned() }.into();
    for address in addresses(host) {
        let address = SocketAddr::new(address, port);
        // A socket belongs to the namespace that it was made in, whoever connects it.
        let socket =
            within(
                namespace.try_clone()?,
                move || {
                    if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }
                },
            );
        let socket = match socket.await {
            Ok(socket) => socket,
            // A host may be without version 6.
            Err(error) => {
                last = error;
                continue;
            }
        };
        match tokio::time::timeout(PATIENCE, socket.connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(source)) => last = DialError::Connect { address: address.to_string(), source }.into(),
            Err(_) => {
                let source = Error::new(ErrorKind::TimedOut, "i/o timeout");
                last = DialError::Connect { address: address.to_string(), source }.into();
            }
        }
    }
    Err(last)
}

fn addresses(host: &str) -> Vec<IpAddr> {
    match host.parse() {
        Ok(address) => vec![address],
        Err(_) if host == "localhost" || host.ends_with(".localhost") => {
            vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
        }
        Err(_) => Vec::new(),
    }
}
