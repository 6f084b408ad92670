//! `GET /networks/{id}`

use crate::error::{Error, Reply};
use crate::json::{EmptyMap, Null};
use crate::query::{Name, Params};
use crate::time::rfc3339;
use axum::Json;
use axum::extract::State;
use engine::ContainerId;
use engine::VirtualHost;
use engine::network::{Member, Network};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn inspect(
    State(host): State<Arc<VirtualHost>>,
    Name(name): Name,
    params: Params,
) -> Reply<Json<NetworkResponse>> {
    params.refuse(&[("verbose", "`docker network inspect --verbose`")])?;
    let network = host.network(&name)?;
    if params.text("scope").is_some_and(|scope| scope != "local") {
        return Err(Error::not_found(format!("network {name} not found")));
    }
    Ok(Json(NetworkResponse::new(&network)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NetworkResponse {
    name: String,
    id: String,
    created: String,
    scope: &'static str,
    driver: String,
    #[serde(rename = "EnableIPv4")]
    enable_ipv4: bool,
    #[serde(rename = "EnableIPv6")]
    enable_ipv6: bool,
    #[serde(rename = "IPAM")]
    ipam: Ipam,
    internal: bool,
    attachable: bool,
    ingress: bool,
    config_from: ConfigReference,
    config_only: bool,
    containers: BTreeMap<ContainerId, NetworkContainer>,
    options: BTreeMap<&'static str, &'static str>,
    labels: EmptyMap,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ipam {
    driver: &'static str,
    options: Null,
    config: Option<[IpamConfig; 1]>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct IpamConfig {
    subnet: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    gateway: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigReference {
    network: &'static str,
}

#[derive(Debug, Serialize)]
struct NetworkContainer {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "EndpointID")]
    endpoint_id: String,
    #[serde(rename = "MacAddress")]
    mac_address: String,
    #[serde(rename = "IPv4Address")]
    ipv4_address: String,
    #[serde(rename = "IPv6Address")]
    ipv6_address: &'static str,
}

impl NetworkResponse {
    pub(super) fn new(network: &Network) -> Self {
        Self {
            name: network.name.clone(),
            id: network.id.clone(),
            created: rfc3339(network.created),
            scope: "local",
            driver: network.driver.clone(),
            enable_ipv4: true,
            enable_ipv6: false,
            ipam: Ipam { driver: "default", options: (), config: ipam_config(network) },
            internal: false,
            attachable: false,
            ingress: false,
            config_from: ConfigReference { network: "" },
            config_only: false,
            containers: network.members.iter().map(entry).collect(),
            options: options(network),
            labels: EmptyMap {},
        }
    }
}

fn ipam_config(network: &Network) -> Option<[IpamConfig; 1]> {
    let subnet = network.subnet?.to_string();
    let gateway = network.gateway.map(|gateway| gateway.to_string()).unwrap_or_default();
    Some([IpamConfig { subnet, gateway }])
}

fn entry(member: &Member) -> (ContainerId, NetworkContainer) {
    let address = member.endpoint.address.as_ref();
    let shown = NetworkContainer {
        name: member.name.clone(),
        endpoint_id: member.endpoint.endpoint_id.clone(),
        mac_address: address.map(|given| given.mac.clone()).unwrap_or_default(),
        ipv4_address: address.map(|given| format!("{}/{}", given.address, given.prefix_len)).unwrap_or_default(),
        ipv6_address: "",
    };
    (member.container.clone(), shown)
}

/// Of the default bridge, by which clients know it.
fn options(network: &Network) -> BTreeMap<&'static str, &'static str> {
    if network.name != "bridge" {
        return BTreeMap::new();
    }
    BTreeMap::from([
        ("com.docker.network.bridge.default_bridge", "true"),
        ("com.docker.network.bridge.enable_icc", "true"),
        ("com.docker.network.bridge.enable_ip_masquerade", "true"),
        ("com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"),
        ("com.docker.network.bridge.name", "docker0"),
        ("com.docker.network.driver.mtu", "1500"),
    ])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn network(id: &str, name: &str) -> Network {
        Network {
            id: id.into(),
            name: name.into(),
            driver: name.into(),
            subnet: None,
            gateway: None,
            created: 0,
            members: Vec::new(),
        }
    }

    #[test]
    fn the_bridge_shows_its_subnet() {
        let bridge = Network {
            subnet: Some("172.17.0.0/16".parse().unwrap()),
            gateway: Some([172, 17, 0, 1].into()),
            ..network("abc", "bridge")
        };
        let shown = serde_json::to_value(NetworkResponse::new(&bridge)).unwrap();
        assert_eq!(
            shown["IPAM"],
            serde_json::json!({
                "Driver": "default", "Options": null, "Config": [{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}],
            })
        );
        assert_eq!(shown["Containers"], serde_json::json!({}));
        assert_eq!(
            serde_json::to_value(NetworkResponse::new(&network("e", "none"))).unwrap()["IPAM"]["Config"],
            serde_json::Value::Null
        );
    }
}
