//! Events of networks.

use super::NetworkMode;
use super::networks::network_id;
use crate::host::VirtualHost;
use crate::id::ContainerId;

impl VirtualHost {
    /// Tells that a container is in its network now, or no more.
    pub(crate) fn network_event(&self, action: &str, container: &ContainerId, mode: &NetworkMode) {
        let Some((name, driver)) = mode.network() else { return };
        let attributes = [("container", container.as_str()), ("name", name), ("type", driver)];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        self.events.publish("network", action, &network_id(name), attributes);
    }
}
