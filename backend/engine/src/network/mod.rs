//! The networks of a virtual host: a bridge in its namespace, and each container plugged into it.

mod addresses;
mod bridge;
mod endpoint;
mod event;
mod filter;
mod list;
mod mode;
mod netlink;
mod networks;
mod nftables;
mod registry;
mod router;
#[cfg(test)]
mod testing;

pub use endpoint::{Address, Endpoint};
pub use filter::NetworkFilter;
pub use list::{Member, Network};
pub use mode::NetworkMode;

use addresses::Addresses;
pub(crate) use bridge::Bridge;
pub(crate) use networks::{HostNetwork, network_id};
pub(crate) use registry::{RegistryListener, RegistryServed, known_hosts, port as registry_port};
pub(crate) use router::{RESOLVER, Router};
