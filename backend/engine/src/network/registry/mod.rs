//! This machine's own registries, as programs in a virtual host's network reach theirs: `curl http://hub.hafen/v2/`.
//!
//! The engine itself needs no network for them (see [`crate::image::RegistryConfig::own`]); this is for everybody else's clients. The
//! router has an address for them, where hosts arrive by their way to everywhere; its rules bound how many connections each host has, and
//! see to it that the sender's address tells the host.

use super::Router;
use crate::accept::accept;
use crate::namespace::within;
use crate::{Error, Result};
use parking_lot::Mutex;
use registry::Dial;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Link-local: no router forwards it, and the machine's rules keep hosts from everybody else's of that range.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::new(169, 254, 75, 1);

/// Where HTTP is spoken if the registry's name says no other port.
const HTTP: u16 = 80;

/// A registry within this process: its port, and how it is reached.
type Registry = (u16, Arc<dyn Dial>);

/// Which registry each host has. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct RegistryServed(Arc<Mutex<BTreeMap<u32, Registry>>>);

impl RegistryServed {
    /// What the host of that number has from now on.
    pub(crate) fn set(&self, host: u32, registry: Option<Registry>) {
        let mut all = self.0.lock();
        match registry {
            Some(registry) => drop(all.insert(host, registry)),
            None => drop(all.remove(&host)),
        }
    }

    /// What a host that comes from there finds at that port.
    fn at(&self, host: IpAddr, port: u16) -> Option<Arc<dyn Dial>> {
        let IpAddr::V4(host) = host else { return None };
        let all = self.0.lock();
        all.get(&Router::host_at(host)?).filter(|(own, _)| *own == port).map(|(_, dial)| dial.clone())
    }
}

/// Listens in the router's network until it is dropped, and so do the connections.
#[derive(Debug)]
pub(crate) struct RegistryListener(#[expect(dead_code, reason = "ends with its tasks")] JoinSet<()>);

impl RegistryListener {
    /// Begins to listen in the router.
    ///
    /// # Errors
    /// It can't be listened there.
    pub(crate) async fn open(router: &Router, ports: &BTreeSet<u16>, served: &RegistryServed) -> Result<Self> {
        let cannot = |e: &dyn Display| Error::system(format!("cannot listen at {ADDRESS}: {e}"));
        let mut listeners = JoinSet::new();
        for &port in ports {
            let namespace = router.namespace().try_clone_to_owned().map_err(|e| cannot(&e))?;
            let listener = within(namespace, move || {
                let listener = std::net::TcpListener::bind((ADDRESS, port))?;
                listener.set_nonblocking(true)?;
                Ok(listener)
            });
            let listener = listener.await.and_then(TcpListener::from_std);
            listeners.spawn(serve(listener.map_err(|e| cannot(&e))?, port, served.clone()));
        }
        Ok(Self(listeners))
    }
}

/// Where programs in virtual hosts find a registry of that name.
pub(crate) fn port(registry: &str) -> u16 {
    split(registry).1
}

/// Lines of `/etc/hosts` that are the same for all of a host's containers and its workstation: where its registry is.
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

/// How many there are at once the router's rules bound, of each host: one must not take others' places.
async fn serve(listener: TcpListener, port: u16, served: RegistryServed) {
    accept(listener, Semaphore::MAX_PERMITS, |client, host, place| {
        // It may be another's, or not known yet while the server starts: then it hangs up.
        let registry = served.at(host.ip(), port);
        async move {
            if let Some(registry) = registry {
                // Whoever hangs up first: neither is worth a line.
                let _ = carry(client, &*registry).await;
            }
            drop(place);
        }
    })
    .await;
}

async fn carry(mut client: TcpStream, registry: &dyn Dial) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = registry.dial("", HTTP).await.map_err(io::Error::other)?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

#[cfg(test)]
mod tests;
