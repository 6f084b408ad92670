//! Containers whose namespaces another one shares.

use super::sharing::other;
use super::{Container, ContainerSpec, Status};
use crate::host::VirtualHost;
use crate::{Error, Result};
use oci_spec::runtime::LinuxNamespaceType;
use runtime::keeper::protocol::Join;
use std::sync::Arc;

/// What a container that is about to start takes from others.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    pub(crate) namespaces: Vec<Join>,
    /// Whose network it is in: its name and its `/etc/hosts` are the other's, too.
    pub(crate) network: Option<Arc<Container>>,
}

impl VirtualHost {
    /// Names of others become ids: a container may be renamed. Errors: no such container.
    pub(super) fn resolve_others(&self, spec: &mut ContainerSpec) -> Result<()> {
        for mode in [&mut spec.sharing.pid, &mut spec.sharing.ipc] {
            if let Some(name) = other(mode) {
                // As in Docker not "not found", on which the CLI would pull the image.
                let id = self.entry(name).map_err(|error| Error::invalid(error.message))?.id.clone();
                *mode = format!("container:{id}");
            }
        }
        if let Some(name) = other(&spec.network_mode) {
            if name.is_empty() {
                return Err(Error::invalid("invalid network mode: invalid container format container:<name|id>"));
            }
            // One that isn't there is missed at the start.
            if let Ok(entry) = self.entry(name) {
                spec.network_mode = format!("container:{}", entry.id);
            }
        }
        Ok(())
    }

    /// What the container `id` takes from others. Errors, in Docker's words: another container is not there, is itself, doesn't
    /// run, or keeps its namespace to itself.
    pub(super) fn joined(&self, id: &str, spec: &ContainerSpec) -> Result<Joined> {
        let mut joined = Joined::default();
        if let Some(name) = other(&spec.network_mode) {
            let container = self.container(name).map_err(|error| {
                Error::new(error.kind, format!("joining network namespace of container: {}", error.message))
            })?;
            if container.id == id {
                return Err(Error::invalid("cannot join own network namespace"));
            }
            if container.state.status != Status::Running {
                let (name, status) = (&container.name, container.state.status.word());
                return Err(Error::conflict(format!(
                    "cannot join network namespace of a non running container: container {name} is {status}"
                )));
            }
            joined.join(LinuxNamespaceType::Network, &container);
            joined.network = Some(container);
        }
        if let Some(name) = other(&spec.sharing.ipc) {
            let container = self.running_donor(name, "IPC")?;
            if container.spec.sharing.ipc != "shareable" {
                return Err(Error::conflict(format!(
                    "failed to join IPC namespace: container {}: non-shareable IPC \
                     (hint: use IpcMode:shareable for the donor container)",
                    container.id
                )));
            }
            joined.join(LinuxNamespaceType::Ipc, &container);
        }
        if let Some(name) = other(&spec.sharing.pid) {
            let container = self.running_donor(name, "PID")?;
            joined.join(LinuxNamespaceType::Pid, &container);
        }
        Ok(joined)
    }

    fn running_donor(&self, name: &str, kind: &str) -> Result<Arc<Container>> {
        let container = self.container(name)?;
        if container.state.status == Status::Running {
            return Ok(container);
        }
        Err(Error::conflict(format!("failed to join {kind} namespace: container {} is not running", container.id)))
    }
}

impl Joined {
    fn join(&mut self, kind: LinuxNamespaceType, container: &Container) {
        self.namespaces.push(Join { kind, container: container.id.clone() });
    }
}
