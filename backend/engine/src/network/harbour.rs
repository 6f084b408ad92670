//! The harbour's own registry, as programs in a virtual host's network reach it: `curl http://hub.hafen/v2/`.
//!
//! The engine itself needs no network for it (see [`crate::Engine::set_harbour`]); this is for everybody else's clients. The router has an
//! address for it, where hosts arrive by their way to everywhere; its rules bound how many connections each host has.

use super::Router;
use crate::namespace::within;
use crate::{Error, Result};
use registry::Dial;
use std::fmt::Display;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Link-local: no router forwards it, and the machine's rules keep hosts from everybody else's of that range.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 75, 1);

/// Where HTTP is spoken if the registry's name says no other port.
const HTTP: u16 = 80;

/// How long not to accept after it failed: then there are no descriptors, and some come back.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens in the router's network until it is dropped, and so do the connections.
#[derive(Debug)]
pub(crate) struct HarbourListener(JoinHandle<()>);

/// How the registry is reached; nothing while that isn't known yet.
type Reached = Box<dyn Fn() -> Option<Arc<dyn Dial>> + Send + Sync>;

impl HarbourListener {
    /// Begins to listen in the router.
    ///
    /// # Errors
    /// It can't be listened there.
    pub(crate) async fn open(router: &Router, port: u16, registry: Reached) -> Result<Self> {
        let cannot = |e: &dyn Display| Error::system(format!("cannot listen at {ADDRESS}: {e}"));
        let namespace = router.namespace().try_clone_to_owned().map_err(|e| cannot(&e))?;
        let listener = within(namespace, move || {
            let listener = std::net::TcpListener::bind((ADDRESS, port))?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        let listener = listener.await.and_then(TcpListener::from_std);
        let listener = listener.map_err(|e| cannot(&e))?;
        Ok(Self(tokio::spawn(async move { serve(listener, &registry).await })))
    }
}

impl Drop for HarbourListener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The port where programs in virtual hosts find the registry of that name.
pub(crate) fn port(registry: &str) -> u16 {
    split(registry).1
}

/// Lines of `/etc/hosts` that are the same for all of a host's containers and its workstation: where the harbour's registry is, if there is one.
pub(crate) fn known_hosts(registry: Option<&str>) -> String {
    registry.map(hosts_line).unwrap_or_default()
}

fn hosts_line(registry: &str) -> String {
    format!("{ADDRESS}\t{}\n", split(registry).0)
}

/// A registry's name and port.
fn split(registry: &str) -> (&str, u16) {
    let parts = registry.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    parts.unwrap_or((registry, HTTP))
}

async fn serve(listener: TcpListener, registry: &Reached) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // Nothing yet while the server starts: then it hangs up.
        let Some(registry) = registry() else { continue };
        connections.spawn(async move {
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
