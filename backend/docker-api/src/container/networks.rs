//! A container's place in its network, as `inspect` and `ps` show it.

use super::ports;
use crate::json::Null;
use engine::container::Container;
use engine::network::Endpoint;
use serde::Serialize;
use std::collections::BTreeMap;

/// `Networks`: by name, the endpoint in each; one that does not run has an empty one.
pub(super) fn networks(container: &Container) -> BTreeMap<String, EndpointSettings> {
    let Some((name, _)) = container.spec.network_mode.network() else { return BTreeMap::new() };
    let settings = container.network.as_ref().map(EndpointSettings::new).unwrap_or_default();
    BTreeMap::from([(name.to_owned(), settings)])
}

/// A container's endpoint in one network.
#[derive(Debug, Default, Serialize)]
pub(super) struct EndpointSettings {
    #[serde(rename = "IPAMConfig")]
    ipam_config: Null,
    #[serde(rename = "Links")]
    links: Null,
    #[serde(rename = "Aliases")]
    aliases: Null,
    #[serde(rename = "DriverOpts")]
    driver_opts: Null,
    #[serde(rename = "GwPriority")]
    gw_priority: i64,
    #[serde(rename = "NetworkID")]
    network_id: String,
    #[serde(flatten)]
    address: Address,
    #[serde(rename = "DNSNames")]
    dns_names: Null,
}

/// The part of an endpoint that `NetworkSettings` repeats.
#[derive(Debug, Default, Serialize)]
struct Address {
    #[serde(rename = "EndpointID")]
    endpoint_id: String,
    #[serde(rename = "Gateway")]
    gateway: String,
    #[serde(rename = "IPAddress")]
    ip_address: String,
    #[serde(rename = "IPPrefixLen")]
    ip_prefix_len: u8,
    #[serde(rename = "MacAddress")]
    mac_address: String,
    #[serde(rename = "IPv6Gateway")]
    ipv6_gateway: &'static str,
    #[serde(rename = "GlobalIPv6Address")]
    global_ipv6_address: &'static str,
    #[serde(rename = "GlobalIPv6PrefixLen")]
    global_ipv6_prefix_len: u8,
}

impl EndpointSettings {
    fn new(endpoint: &Endpoint) -> Self {
        Self { network_id: endpoint.network_id.clone(), address: Address::new(endpoint), ..Self::default() }
    }
}

impl Address {
    fn new(endpoint: &Endpoint) -> Self {
        let shown = Self { endpoint_id: endpoint.endpoint_id.clone(), ..Self::default() };
        let Some(given) = &endpoint.address else { return shown };
        Self {
            gateway: given.gateway.to_string(),
            ip_address: given.address.to_string(),
            ip_prefix_len: given.prefix_len,
            mac_address: given.mac.clone(),
            ..shown
        }
    }
}

/// `NetworkSettings` of `inspect`.
#[derive(Debug, Default, Serialize)]
pub(super) struct NetworkSettings {
    #[serde(rename = "Bridge")]
    bridge: &'static str,
    #[serde(rename = "SandboxID")]
    sandbox_id: &'static str,
    #[serde(rename = "SandboxKey")]
    sandbox_key: &'static str,
    #[serde(rename = "Ports")]
    ports: BTreeMap<String, Null>,
    #[serde(rename = "HairpinMode")]
    hairpin_mode: bool,
    #[serde(rename = "LinkLocalIPv6Address")]
    link_local_ipv6_address: &'static str,
    #[serde(rename = "LinkLocalIPv6PrefixLen")]
    link_local_ipv6_prefix_len: u8,
    #[serde(rename = "SecondaryIPAddresses")]
    secondary_ip_addresses: Null,
    #[serde(rename = "SecondaryIPv6Addresses")]
    secondary_ipv6_addresses: Null,
    /// Of the default network only.
    #[serde(flatten)]
    address: Address,
    #[serde(rename = "Networks")]
    networks: BTreeMap<String, EndpointSettings>,
}

impl NetworkSettings {
    pub(super) fn new(container: &Container) -> Self {
        let bridge = container.network.as_ref().filter(|endpoint| endpoint.network == "bridge");
        Self {
            ports: ports::settings(container),
            address: bridge.map(Address::new).unwrap_or_default(),
            networks: networks(container),
            ..Self::default()
        }
    }
}
