//! The networks of a virtual host: for now the three that every Docker host has.

use super::VirtualHost;
use crate::container::{Container, Endpoint, Status};
use crate::network::{Addresses, Bridge, Router};
use crate::{Error, Result};
use ipnet::Ipv4Net;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A network as `docker network inspect` shows it.
#[derive(Debug, Clone)]
pub struct Network {
    pub id: String,
    pub name: String,
    /// `bridge`, `host`, `null`.
    pub driver: String,
    pub subnet: Option<Ipv4Net>,
    pub gateway: Option<Ipv4Addr>,
    /// Nanoseconds since the epoch.
    pub created: i64,
    /// The running containers in it.
    pub containers: Vec<Container>,
}

/// The default network, `bridge`, with its addresses; `host` and `none` are only names.
#[derive(Debug)]
pub(crate) struct HostNetwork {
    namespace: Arc<OwnedFd>,
    /// There once somebody needs it: who joins doesn't wait for it, and a server that starts again has no use for it yet.
    bridge: OnceCell<Bridge>,
    addresses: Mutex<Given>,
}

/// Which container has which address.
#[derive(Debug)]
struct Given {
    free: Addresses,
    by_container: HashMap<String, Ipv4Addr>,
}

impl HostNetwork {
    /// Of a host's namespace, with the addresses of the containers that run.
    pub(crate) fn new(namespace: Arc<OwnedFd>, containers: &[Container]) -> Self {
        let mut given = Given { free: Addresses::new(Bridge::subnet()), by_container: HashMap::new() };
        let running = containers.iter().filter(|container| container.state.status == Status::Running);
        for (id, endpoint) in running.filter_map(|running| Some((&running.id, running.network.as_ref()?))) {
            given.free.take(endpoint.address);
            given.by_container.insert(id.clone(), endpoint.address);
        }
        Self { namespace, bridge: OnceCell::new(), addresses: Mutex::new(given) }
    }

    /// Makes what the host is to have before its first container: `docker0`, and the host's cable to the router.
    pub(crate) async fn set_up(&self, router: Option<&Router>, host: u32) -> Result<()> {
        let bridge = self.bridge().await?;
        match router {
            Some(router) => router.connect(host, bridge, self.namespace.as_fd()).await,
            None => Ok(()),
        }
    }

    async fn bridge(&self) -> Result<&Bridge> {
        self.bridge.get_or_try_init(|| Bridge::open(self.namespace.as_fd())).await
    }

    /// A place in the default network. Errors: all 65,533 addresses are taken.
    pub(crate) fn allocate(&self, container: &str) -> Result<Endpoint> {
        let mut given = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let address = given.free.next().ok_or_else(|| Error::conflict("no address is free in the network bridge"))?;
        given.by_container.insert(container.to_owned(), address);
        let [a, b, c, d] = address.octets();
        Ok(Endpoint {
            network: "bridge".to_owned(),
            network_id: network_id("bridge"),
            endpoint_id: crate::container::new_id()?,
            address,
            prefix_len: Bridge::subnet().prefix_len(),
            gateway: Bridge::gateway(),
            mac: format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}"),
        })
    }

    pub(crate) fn release(&self, container: &str) {
        let mut given = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(address) = given.by_container.remove(container) {
            given.free.release(address);
        }
    }

    /// Connects a container that has been built and doesn't run yet.
    pub(crate) async fn connect(&self, namespace: BorrowedFd<'_>, endpoint: &Endpoint) -> Result<()> {
        self.bridge().await?.connect(namespace, endpoint).await
    }
}

impl VirtualHost {
    /// Tells that a container is in its network now, or no more.
    pub(crate) fn network_event(&self, action: &str, container: &Container) {
        let (name, driver) =
            if container.spec.network_mode == "none" { ("none", "null") } else { ("bridge", "bridge") };
        let attributes = [("container", container.id.as_str()), ("name", name), ("type", driver)];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        self.events.publish("network", action, &network_id(name), attributes);
    }

    /// `bridge`, `host` and `none`.
    pub fn networks(&self) -> Result<Vec<Network>> {
        let mut running = Vec::new();
        for entry in self.read_containers().values() {
            let record = entry.record().clone();
            if record.state.status == Status::Running {
                running.push(record);
            }
        }
        let network = |name: &str, driver: &str| Network {
            id: network_id(name),
            name: name.to_owned(),
            driver: driver.to_owned(),
            subnet: None,
            gateway: None,
            created: self.record.created,
            containers: Vec::new(),
        };
        let (without, connected) = running.into_iter().partition(|container| container.network.is_none());
        let bridge = Network {
            subnet: Some(Bridge::subnet()),
            gateway: Some(Bridge::gateway()),
            containers: connected,
            ..network("bridge", "bridge")
        };
        let none = Network { containers: without, ..network("none", "null") };
        Ok(vec![bridge, network("host", "host"), none])
    }
}

/// Docker makes a network's id up; these three are the same on every virtual host, and each host is alone with them.
pub(crate) fn network_id(name: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(format!("lernhafen network {name}")).iter().map(|byte| format!("{byte:02x}")).collect()
}
