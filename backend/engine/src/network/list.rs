//! `docker network ls`: for now the three that every Docker host has.

use super::networks::network_id;
use super::{Bridge, Endpoint, NetworkFilter};
use crate::host::VirtualHost;
use crate::id::ContainerId;
use crate::{Error, Result};
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A network as `docker network inspect` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub members: Vec<Member>,
}

/// A container in a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub container: ContainerId,
    pub name: String,
    pub endpoint: Endpoint,
}

impl VirtualHost {
    /// The networks that match.
    pub fn networks(&self, filter: &NetworkFilter) -> Vec<Network> {
        let mut networks = self.all_networks();
        networks.retain(|network| filter.matches(network));
        networks
    }

    /// By name, id, or an unambiguous beginning of an id, in this order.
    ///
    /// # Errors
    /// There is none, or several begin so.
    pub fn network(&self, name: &str) -> Result<Network> {
        find(self.all_networks(), name)
    }

    /// `bridge`, `host` and `none`.
    fn all_networks(&self) -> Vec<Network> {
        let mut members: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for entry in self.read_containers().values() {
            let record = entry.record();
            if let Some(endpoint) = record.network.clone() {
                let (container, name) = (record.id.clone(), record.name.clone());
                members.entry(endpoint.network.clone()).or_default().push(Member { container, name, endpoint });
            }
        }
        let mut network = |name: &str, driver: &str| Network {
            id: network_id(name),
            name: name.to_owned(),
            driver: driver.to_owned(),
            subnet: None,
            gateway: None,
            created: self.record.created,
            members: members.remove(name).unwrap_or_default(),
        };
        let bridge =
            Network { subnet: Some(Bridge::subnet()), gateway: Some(Bridge::gateway()), ..network("bridge", "bridge") };
        vec![bridge, network("host", "host"), network("none", "null")]
    }
}

fn find(networks: Vec<Network>, name: &str) -> Result<Network> {
    if let Some(network) = networks.iter().find(|network| network.name == name || network.id == name) {
        return Ok(network.clone());
    }
    let mut found = networks.into_iter().filter(|network| !name.is_empty() && network.id.starts_with(name));
    match (found.next(), found.next()) {
        (Some(network), None) => Ok(network),
        (Some(_), Some(_)) => {
            Err(Error::invalid(format!("network {name} is ambiguous (several found based on ID prefix)")))
        }
        (None, _) => Err(Error::not_found(format!("network {name} not found"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
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
    fn networks_are_found_by_name_and_by_id() {
        let find = |name| find(vec![network("abc", "bridge"), network("abd", "host"), network("e", "abc")], name);
        assert_eq!(find("host").unwrap().id, "abd");
        assert_eq!(find("abd").unwrap().name, "host");
        assert_eq!(find("abc").unwrap().name, "bridge");
        assert!(find("ab").unwrap_err().message.contains("ambiguous"));
        assert_eq!(find("x").unwrap_err().message, "network x not found");
        assert_eq!(find("").unwrap_err().message, "network  not found");
    }
}
