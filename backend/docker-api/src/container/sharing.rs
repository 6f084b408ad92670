//! The fields of a create request that say what a container shares, and what doesn't go together with that.

use super::refused::zero;
use crate::error::{Error, Reply};
use engine::container::Sharing;
use engine::network::NetworkMode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// As a create request has them, and as `inspect` shows them.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct SharingFields {
    cgroupns_mode: String,
    ipc_mode: String,
    pid_mode: String,
    #[serde(rename = "UTSMode")]
    uts_mode: String,
    userns_mode: String,
}

impl SharingFields {
    /// Errors: a mode that there isn't.
    pub(super) fn read(self) -> Reply<Sharing> {
        Ok(Sharing {
            pid: self.pid_mode.try_into()?,
            ipc: self.ipc_mode.try_into()?,
            uts: self.uts_mode.try_into()?,
            userns: self.userns_mode.try_into()?,
            cgroupns: self.cgroupns_mode.try_into()?,
        })
    }
}

impl From<&Sharing> for SharingFields {
    fn from(kept: &Sharing) -> Self {
        Self {
            cgroupns_mode: kept.cgroupns.into(),
            ipc_mode: kept.ipc.clone().into(),
            pid_mode: kept.pid.clone().into(),
            uts_mode: kept.uts.into(),
            userns_mode: kept.userns.into(),
        }
    }
}

/// Refuses options that contradict each other, in Docker's words.
pub(super) fn check_conflicts(body: &Value) -> Reply<()> {
    let host_config = &body["HostConfig"];
    let mode = NetworkMode::from(host_config["NetworkMode"].as_str().unwrap_or_default().to_owned());
    let (of_host, of_container) = (mode == NetworkMode::Host, matches!(mode, NetworkMode::Container(_)));
    let asked = |field: &str| host_config.get(field).is_some_and(|value| !zero(value));
    let named = body.get("Hostname").is_some_and(|name| !zero(name));
    let conflicts = [
        (host_config["UTSMode"] == "host" && named, "hostname and the UTS mode"),
        (of_container && named, "hostname and the network mode"),
        (
            of_host && asked("Links"),
            "host type networking can't be used with links. This would result in undefined behavior",
        ),
        (
            of_container && asked("Links"),
            "container type network can't be used with links. This would result in undefined behavior",
        ),
        (of_container && asked("Dns"), "dns and the network mode"),
        (of_container && asked("ExtraHosts"), "custom host-to-IP mapping and the network mode"),
        (
            of_container && (asked("PortBindings") || asked("PublishAllPorts")),
            "port publishing and the container type network mode",
        ),
        (
            of_container && body.get("ExposedPorts").is_some_and(|ports| !zero(ports)),
            "port exposing and the container type network mode",
        ),
    ];
    match conflicts.iter().find(|(conflict, _)| *conflict) {
        Some((_, what)) => Err(Error::bad(format!("conflicting options: {what}"))),
        None => Ok(()),
    }
}
