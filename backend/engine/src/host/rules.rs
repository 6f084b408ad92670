//! What whoever runs a virtual host decides about it: it may be something else for each host, and change while one runs.

use super::{Hosts, VirtualHost};
use crate::container::Policy;
use crate::store::RegistryRules;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The rules of a virtual host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRules {
    pub policy: Policy,
    /// Whether it is let out to the world (not to this machine, its neighbours, or other hosts).
    pub way_out: bool,
    /// MiB that it may write to disk, and again as much for its images, [`crate::SMALLEST_MIB`] to [`crate::LARGEST_MIB`]; 0: as much as
    /// there is. Its disk keeps the size that it was made with.
    pub disk_mib: u64,
    pub registry: RegistryRules,
}

impl HostRules {
    /// Bytes that the host's images may take beyond the catalogue's; `None`: as much as there is.
    pub(crate) fn images_bound(&self) -> Option<u64> {
        Some(self.disk_mib << 20).filter(|bound| *bound > 0)
    }

    /// Whether anything beyond the host's own network is to be reached.
    pub(crate) fn needs_router(&self) -> bool {
        self.way_out || self.registry.own.is_some()
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::system(format!("cannot write down a host's rules: {error}")))
    }
}

impl VirtualHost {
    /// The rules that hold now.
    pub(crate) fn rules(&self) -> Arc<HostRules> {
        self.rules.read().clone()
    }

    /// Gives the host other rules, from now on. Connections end that they no longer allow; containers go on as they were made.
    ///
    /// # Errors
    /// They can't be written down, or the kernel doesn't take what they say of the network.
    pub async fn set_rules(self: &Arc<Self>, rules: HostRules) -> Result<()> {
        if *self.rules() == rules {
            return Ok(());
        }
        Hosts(self.parts.db.clone()).set_rules(self.id(), &rules)?;
        *self.rules.write() = Arc::new(rules);
        self.set_up_network().await
    }
}
