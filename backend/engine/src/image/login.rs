//! `docker login`, and what is said to registries in somebody's name.

use crate::host::VirtualHost;
use crate::store::{Caller, DOCKER_HUB, Reference};
use crate::{Error, Result};
pub use registry::Credentials;
use registry::Repository;

impl VirtualHost {
    /// Whether a registry believes somebody. Nothing is kept; what it gives for a password is for the one who asked.
    ///
    /// # Errors
    /// It doesn't, or can't be asked.
    pub async fn log_in(&self, server: &str, credentials: Option<Credentials>) -> Result<Option<String>> {
        let credentials = credentials.ok_or_else(|| Error::invalid("no username or password"))?;
        let registry = if server.is_empty() { DOCKER_HUB } else { server };
        self.parts.registries.log_in(registry, &credentials, &self.caller()).await
    }

    /// A repository of the registry in an image's name, as this host reaches it.
    pub(super) fn repository(&self, name: &Reference, credentials: Option<Credentials>) -> Result<Repository> {
        self.parts.registries.repository(name, credentials, &self.caller())
    }

    /// As whom registries see the host.
    pub(super) fn caller(&self) -> Caller {
        let rules = self.rules();
        let namespace = self.network_namespace.clone();
        Caller::Host { rules: rules.registry.clone(), way_out: rules.way_out, namespace }
    }
}
