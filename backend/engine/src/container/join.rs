//! Containers whose namespaces another one shares.

use super::{Container, ContainerSpec, IpcMode, PidMode, Status};
use crate::host::VirtualHost;
use crate::id::ContainerId;
use crate::network::NetworkMode;
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
        // As in Docker not "not found", on which the CLI would pull the image.
        let id_of = |name: &str| match self.entry(name) {
            Ok(entry) => Ok(entry.id.to_string()),
            Err(error) => Err(Error::invalid(error.message)),
        };
        if let PidMode::Container(name) = &mut spec.sharing.pid {
            *name = id_of(name)?;
        }
        if let IpcMode::Container(name) = &mut spec.sharing.ipc {
            *name = id_of(name)?;
        }
        if let NetworkMode::Container(name) = &mut spec.network_mode {
            if name.is_empty() {
                return Err(Error::invalid("invalid network mode: invalid container format container:<name|id>"));
            }
            // One that isn't there is missed at the start.
            if let Ok(entry) = self.entry(name) {
                *name = entry.id.to_string();
            }
        }
        Ok(())
    }

    /// What the container `id` takes from others. Errors, in Docker's words: another container is not there, is itself, doesn't
    /// run, or keeps its namespace to itself.
    pub(super) fn joined(&self, id: &ContainerId, spec: &ContainerSpec) -> Result<Joined> {
        let mut joined = Joined::default();
        if let NetworkMode::Container(name) = &spec.network_mode {
            let container = self.container(name).map_err(|error| {
                Error::new(error.kind, format!("joining network namespace of container: {}", error.message))
            })?;
            if container.id == *id {
                return Err(Error::invalid("cannot join own network namespace"));
            }
            if container.state.status != Status::Running {
                let (name, status) = (&container.name, container.state.word());
                return Err(Error::conflict(format!(
                    "cannot join network namespace of a non running container: container {name} is {status}"
                )));
            }
            joined.join(LinuxNamespaceType::Network, &container);
            joined.network = Some(container);
        }
        if let IpcMode::Container(name) = &spec.sharing.ipc {
            let container = self.running_donor(name, "IPC")?;
            if container.spec.sharing.ipc != IpcMode::Shareable {
                return Err(Error::conflict(format!(
                    "failed to join IPC namespace: container {}: non-shareable IPC \
                     (hint: use IpcMode:shareable for the donor container)",
                    container.id
                )));
            }
            joined.join(LinuxNamespaceType::Ipc, &container);
        }
        if let PidMode::Container(name) = &spec.sharing.pid {
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
        self.namespaces.push(Join { kind, container: container.id.to_string() });
    }
}
