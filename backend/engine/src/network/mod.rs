//! The network of a virtual host: a bridge in its namespace, and each container plugged into it.

mod addresses;
mod bridge;
pub(crate) mod dial;
mod harbour;
mod namespace;
mod netlink;
mod nftables;
mod router;
#[cfg(test)]
mod testing;

pub(crate) use addresses::Addresses;
pub(crate) use bridge::Bridge;
pub(crate) use harbour::{HarbourListener, known_hosts, port as harbour_port};
pub(crate) use router::{RESOLVER, Router};
