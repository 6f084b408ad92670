//! Which namespaces a container has for itself, and which it shares: with the virtual host, or with another container.

mod modes;

pub use modes::{CgroupnsMode, IpcMode, PidMode, UsernsMode, UtsMode};

use crate::network::NetworkMode;
use oci_spec::runtime::{LinuxNamespace, LinuxNamespaceType};
use runtime::defaults;
use serde::{Deserialize, Serialize};

/// Modes of a container's namespaces; that of its network is [`NetworkMode`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sharing {
    pub pid: PidMode,
    pub ipc: IpcMode,
    pub uts: UtsMode,
    pub userns: UsernsMode,
    pub cgroupns: CgroupnsMode,
}

impl Sharing {
    /// The new namespaces of a container in a network.
    pub(crate) fn namespaces(&self, network: &NetworkMode) -> Vec<LinuxNamespace> {
        let mut namespaces = defaults::namespaces();
        namespaces.retain(|namespace| match namespace.typ() {
            LinuxNamespaceType::Pid => self.pid == PidMode::Private,
            LinuxNamespaceType::Ipc => !matches!(self.ipc, IpcMode::Host | IpcMode::Container(_)),
            LinuxNamespaceType::Uts => self.uts == UtsMode::Private,
            LinuxNamespaceType::Cgroup => self.cgroupns == CgroupnsMode::Private,
            LinuxNamespaceType::Network => matches!(network, NetworkMode::Named(_) | NetworkMode::None),
            _ => true,
        });
        namespaces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_is_not_made() {
        let sharing = Sharing {
            pid: PidMode::Container("x".into()),
            ipc: IpcMode::Host,
            uts: UtsMode::Host,
            ..Sharing::default()
        };
        let kinds: Vec<_> =
            sharing.namespaces(&NetworkMode::Container("y".into())).iter().map(LinuxNamespace::typ).collect();
        assert_eq!(kinds, [LinuxNamespaceType::Mount, LinuxNamespaceType::Cgroup]);
    }
}
