//! Where a container is in a network.

use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A container's place in a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `bridge`, `host`, `none`.
    pub network: String,
    pub network_id: String,
    pub endpoint_id: String,
    /// `None` where there is nothing to be plugged in: in `host` and `none`.
    #[serde(flatten)]
    pub address: Option<Address>,
}

/// How a container is reached in its network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub address: Ipv4Addr,
    pub prefix_len: u8,
    pub gateway: Ipv4Addr,
    /// `02:42:ac:11:00:02`.
    pub mac: String,
}
