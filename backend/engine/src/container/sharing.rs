//! Which namespaces a container has for itself, and which it shares: with the virtual host, or with another container.

use crate::{Error, Result};
use oci_spec::runtime::{LinuxNamespace, LinuxNamespaceType};
use runtime::defaults;
use serde::{Deserialize, Serialize};

/// Modes as Docker has them. Empty: a namespace of its own; `host`: the virtual host's; `container:<id>`: that container's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sharing {
    /// Empty, `host`, `container:<id>`.
    pub pid: String,
    /// `private`, `shareable`, `none`, `host`, `container:<id>`.
    pub ipc: String,
    /// Empty or `host`.
    pub uts: String,
    /// Empty or `host`, which are the same: a virtual host has one user namespace.
    pub userns: String,
    /// `private` or `host`.
    pub cgroupns: String,
}

impl Default for Sharing {
    fn default() -> Self {
        let private = || "private".to_owned();
        Self { pid: String::new(), ipc: private(), uts: String::new(), userns: String::new(), cgroupns: private() }
    }
}

impl Sharing {
    /// Errors, in Docker's words: a mode that there isn't.
    pub(crate) fn check(&self) -> Result<()> {
        let named = |mode: &str| other(mode).is_some_and(|name| !name.is_empty());
        let modes = [
            ("PID mode", &self.pid, matches!(self.pid.as_str(), "" | "host") || named(&self.pid)),
            (
                "IPC mode",
                &self.ipc,
                matches!(self.ipc.as_str(), "private" | "shareable" | "none" | "host") || named(&self.ipc),
            ),
            ("UTS mode", &self.uts, matches!(self.uts.as_str(), "" | "host")),
            ("user namespace mode", &self.userns, matches!(self.userns.as_str(), "" | "host")),
            ("cgroup namespace mode", &self.cgroupns, matches!(self.cgroupns.as_str(), "private" | "host")),
        ];
        match modes.iter().find(|(.., allowed)| !allowed) {
            Some((what, mode, _)) => Err(Error::invalid(format!("invalid {what}: {mode}"))),
            None => Ok(()),
        }
    }

    /// The new namespaces of a container whose network mode is `network`.
    pub(crate) fn namespaces(&self, network: &str) -> Vec<LinuxNamespace> {
        let shared = |mode: &str| mode == "host" || other(mode).is_some();
        let mut namespaces = defaults::namespaces();
        namespaces.retain(|namespace| match namespace.typ() {
            LinuxNamespaceType::Pid => !shared(&self.pid),
            LinuxNamespaceType::Ipc => !shared(&self.ipc),
            LinuxNamespaceType::Uts => !shared(&self.uts),
            LinuxNamespaceType::Cgroup => !shared(&self.cgroupns),
            LinuxNamespaceType::Network => !shared(network),
            _ => true,
        });
        namespaces
    }
}

/// The container that a mode names.
pub(crate) fn other(mode: &str) -> Option<&str> {
    mode.strip_prefix("container:")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn modes_are_those_of_docker() {
        let sharing = Sharing::default;
        for (bad, message) in [
            (Sharing { pid: "foo".into(), ..sharing() }, "invalid PID mode: foo"),
            (Sharing { pid: "container:".into(), ..sharing() }, "invalid PID mode: container:"),
            (Sharing { ipc: "foo".into(), ..sharing() }, "invalid IPC mode: foo"),
            (Sharing { uts: "container:x".into(), ..sharing() }, "invalid UTS mode: container:x"),
            (Sharing { cgroupns: "foo".into(), ..sharing() }, "invalid cgroup namespace mode: foo"),
        ] {
            assert_eq!(bad.check().unwrap_err().message, message);
        }
        let all = Sharing { pid: "container:x".into(), ipc: "host".into(), uts: "host".into(), ..sharing() };
        all.check().unwrap();
        let kinds: Vec<_> = all.namespaces("container:y").iter().map(|namespace| namespace.typ()).collect();
        assert_eq!(kinds, [LinuxNamespaceType::Mount, LinuxNamespaceType::Cgroup]);
    }
}
