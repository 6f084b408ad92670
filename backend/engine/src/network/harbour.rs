//! The harbour's own registry, as programs in a virtual host's network reach it: `curl http://hub.hafen/v2/`.
//!
//! The engine itself needs no network for it (see [`crate::Engine::set_harbour`]); this is for everybody else's clients. Each host has
//! the same address on its loopback interface, where nobody else can reach it, and containers reach it by their gateway.

use super::namespace::{nft, within};
use super::netlink::{Netlink, is};
use crate::image::Registries;
use crate::{Error, Result};
use nix::errno::Errno;
use registry::Dial;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

/// Link-local: no router forwards it, and the machine's rules keep hosts from everybody else's of that range.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 75, 1);

/// Leads from the registry's port to the one that the engine listens on: a listener on port 80 would keep a container in the host's
/// network from listening there on all addresses.
const RULES: &str = include_str!("harbour.nft");

/// Where HTTP is spoken if the registry's name says no other port.
const HTTP: u16 = 80;

/// Connections that a host may have open at once. More wait.
const MOST: usize = 64;

/// How long not to accept after it failed: then there are no descriptors, and some come back.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens in a host's network until it is dropped, and so do the connections.
#[derive(Debug)]
pub(crate) struct HarbourListener(JoinHandle<()>);

impl HarbourListener {
    /// Begins to listen in the background; `None` if the harbour has no registry. A host can do without: why it couldn't is logged.
    pub(crate) fn open(host: &str, namespace: OwnedFd, registries: Arc<Registries>) -> Option<Self> {
        let (_, port) = split(registries.harbour_name()?);
        let host = host.to_owned();
        Some(Self(tokio::spawn(async move {
            match listen(namespace, port).await {
                Ok(listener) => serve(listener, &registries).await,
                Err(error) => {
                    tracing::error!(host, %error, "programs in a virtual host can't reach the harbour's registry")
                }
            }
        })))
    }
}

impl Drop for HarbourListener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Lines of `/etc/hosts` that are the same for all of a host's containers and its workstation: where the harbour's registry is.
pub(crate) fn known_hosts(registries: &Registries) -> String {
    registries.harbour_name().map(hosts_line).unwrap_or_default()
}

fn hosts_line(registry: &str) -> String {
    format!("{ADDRESS}\t{}\n", split(registry).0)
}

/// A registry's name and port.
fn split(registry: &str) -> (&str, u16) {
    let parts = registry.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    parts.unwrap_or((registry, HTTP))
}

async fn listen(namespace: OwnedFd, port: u16) -> Result<TcpListener> {
    let failed = |e: &dyn std::fmt::Display| Error::system(format!("cannot listen at {ADDRESS}: {e}"));
    let netlink = Netlink::open(namespace.as_fd()).await?;
    let loopback = netlink.index("lo").await.map_err(|e| failed(&e))?;
    let loopback = loopback.ok_or_else(|| failed(&"there is no loopback interface"))?;
    match netlink.handle().address().add(loopback, IpAddr::V4(ADDRESS), 32).execute().await {
        // From before the server's restart.
        Err(error) if is(&error, Errno::EEXIST) => {}
        result => result.map_err(|e| failed(&e))?,
    }
    let listener = within(namespace, move || {
        let listener = std::net::TcpListener::bind((ADDRESS, 0))?;
        listener.set_nonblocking(true)?;
        let own = listener.local_addr()?.port();
        nft(&RULES.replace("{port}", &port.to_string()).replace("{own}", &own.to_string()))?;
        Ok(listener)
    });
    let listener = listener.await.and_then(TcpListener::from_std);
    listener.map_err(|e| failed(&e))
}

async fn serve(listener: TcpListener, registries: &Registries) {
    let places = Arc::new(Semaphore::new(MOST));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Nothing yet while the server starts: then it hangs up.
        let Some(registry) = registries.harbour() else { continue };
        connections.spawn(async move {
            let _place = place;
            // Whoever hangs up first: neither is worth a line.
            let _ = carry(client, &*registry).await;
        });
    }
}

async fn carry(mut client: TcpStream, registry: &dyn Dial) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = registry.dial("", HTTP).await.map_err(io::Error::other)?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

#[cfg(test)]
mod tests;
