//! The networks of a virtual host, with who has which address.

use super::{Address, Addresses, Bridge, Endpoint, NetworkMode, Router};
use crate::host::VirtualHost;
use crate::id::{self, ContainerId};
use crate::{Error, Result};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use tokio::sync::OnceCell;

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
    by_container: HashMap<ContainerId, Ipv4Addr>,
}

impl HostNetwork {
    /// Of a host's namespace, with the addresses of the containers that run.
    pub(crate) fn new(namespace: Arc<OwnedFd>, running: &[(ContainerId, Endpoint)]) -> Self {
        let mut given = Given { free: Addresses::new(Bridge::subnet()), by_container: HashMap::new() };
        for (container, given_to_it) in
            running.iter().filter_map(|(id, endpoint)| Some((id, endpoint.address.as_ref()?)))
        {
            given.free.take(given_to_it.address);
            given.by_container.insert(container.clone(), given_to_it.address);
        }
        Self { namespace, bridge: OnceCell::new(), addresses: Mutex::new(given) }
    }

    /// Makes what the host is to have before its first container: `docker0`, and the host's cable to the router.
    pub(crate) async fn set_up(&self, router: Option<&Router>, host: u32, way_out: bool) -> Result<()> {
        let bridge = self.bridge().await?;
        let Some(router) = router else { return Ok(()) };
        if way_out {
            router.open_uplink().await;
        }
        router.connect(host, bridge, self.namespace.as_fd(), way_out).await
    }

    async fn bridge(&self) -> Result<&Bridge> {
        self.bridge.get_or_try_init(|| Bridge::open(self.namespace.as_fd())).await
    }

    /// A container's place in its network. `None`: it is in another container's. Errors: all 65,533 addresses are taken.
    pub(crate) fn allocate(&self, container: &ContainerId, mode: &NetworkMode) -> Result<Option<Endpoint>> {
        let Some((network, _)) = mode.network() else { return Ok(None) };
        let address = match mode {
            NetworkMode::Named(_) => Some(self.address(container)?),
            _ => None,
        };
        let (network, network_id) = (network.to_owned(), network_id(network));
        Ok(Some(Endpoint { network, network_id, endpoint_id: id::new()?, address }))
    }

    fn address(&self, container: &ContainerId) -> Result<Address> {
        let mut given = self.addresses.lock();
        let address = given.free.next().ok_or_else(|| Error::conflict("no address is free in the network bridge"))?;
        given.by_container.insert(container.clone(), address);
        let [a, b, c, d] = address.octets();
        Ok(Address {
            address,
            prefix_len: Bridge::subnet().prefix_len(),
            gateway: Bridge::gateway(),
            mac: format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}"),
        })
    }

    pub(crate) fn release(&self, container: &ContainerId) {
        let mut given = self.addresses.lock();
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
    /// Brings the host's network in line with its rules: its bridge, its cable to the router, its registry.
    pub(crate) async fn set_up_network(&self) -> Result<()> {
        let _turn = self.plugging.lock().await;
        let (rules, number) = (self.rules(), self.record.number());
        let router = self.parts.router(rules.needs_router()).await;
        self.parts.serve_registry(number, rules.registry.own.as_deref());
        self.kinds.networks.set_up(router, number, rules.way_out).await
    }
}

/// Docker makes a network's id up; these three are the same on every virtual host, and each host is alone with them.
pub(crate) fn network_id(name: &str) -> String {
    hex::encode(Sha256::digest(format!("lernhafen network {name}")))
}
