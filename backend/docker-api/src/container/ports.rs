//! Exposed ports, as `ps` and `inspect` show them. None is published yet.

use engine::container::{Container, Port};
use serde::Serialize;
use std::collections::BTreeMap;

/// One of `Ports` of `ps`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PortSummary {
    private_port: u16,
    r#type: String,
}

/// Of a container that runs; one that doesn't has none.
pub(super) fn summary(container: &Container) -> Vec<PortSummary> {
    let ports = container.open_ports().iter().filter_map(|port| Port::parse(port).ok());
    ports.map(|port| PortSummary { private_port: port.number, r#type: port.protocol.to_owned() }).collect()
}

/// `NetworkSettings.Ports`: a port that isn't published is `null`.
pub(super) fn settings(container: &Container) -> BTreeMap<String, ()> {
    container.open_ports().iter().map(|port| (port.clone(), ())).collect()
}
