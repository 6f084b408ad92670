//! `docker network ls`: for now the three that every Docker host has.

use super::networks::network_id;
use super::{Bridge, Endpoint};
use crate::Result;
use crate::host::VirtualHost;
use ipnet::Ipv4Net;
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
    /// `None`: it has no address there.
    pub endpoint: Option<Endpoint>,
}

impl VirtualHost {
    /// `bridge`, `host` and `none`.
    pub fn networks(&self) -> Result<Vec<Network>> {
        let mut running = Vec::new();
        for entry in self.read_containers().values().filter(|entry| entry.is_running()) {
            let record = entry.record();
            running.push(Member {
                container: record.id.clone(),
                name: record.name.clone(),
                endpoint: record.network.clone(),
            });
        }
        let network = |name: &str, driver: &str| Network {
            id: network_id(name),
            name: name.to_owned(),
            driver: driver.to_owned(),
            subnet: None,
            gateway: None,
            created: self.record.created,
            members: Vec::new(),
        };
        let (without, connected) = running.into_iter().partition(|member| member.endpoint.is_none());
        let bridge = Network {
            subnet: Some(Bridge::subnet()),
            gateway: Some(Bridge::gateway()),
            members: connected,
            ..network("bridge", "bridge")
        };
        let none = Network { members: without, ..network("none", "null") };
        Ok(vec![bridge, network("host", "host"), none])
    }
}
