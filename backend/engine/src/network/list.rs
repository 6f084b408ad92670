//! `docker network ls`: for now the three that every Docker host has.

use super::networks::network_id;
use super::{Bridge, Endpoint};
use crate::Result;
use crate::host::VirtualHost;
use ipnet::Ipv4Net;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

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
    pub members: Vec<Member>,
}

/// A container in a network.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its id.
    pub container: String,
    pub name: String,
    pub endpoint: Endpoint,
}

impl VirtualHost {
    /// `bridge`, `host` and `none`.
    pub fn networks(&self) -> Result<Vec<Network>> {
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
        Ok(vec![bridge, network("host", "host"), network("none", "null")])
    }
}
