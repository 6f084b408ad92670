//! Events of the volumes that a container has.

use crate::container::Container;
use crate::host::VirtualHost;

impl VirtualHost {
    pub(crate) fn volumes_mounted(&self, container: &Container) {
        for point in container.volumes() {
            let attributes = [
                ("container", container.id.as_str()),
                ("destination", &point.target),
                ("propagation", ""),
                ("read/write", if point.writable { "true" } else { "false" }),
            ];
            self.volume_event(&point.name, "mount", &attributes);
        }
    }

    pub(crate) fn volumes_unmounted(&self, container: &Container) {
        for point in container.volumes() {
            self.volume_event(&point.name, "unmount", &[("container", &container.id)]);
        }
    }
}
