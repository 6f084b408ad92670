//! The kinds of things on a host, in one place. A new kind has a line in each of these.

use super::{HostRecord, VirtualHost};
use crate::Result;
use crate::container::Containers;
use crate::image::Transfers;
use crate::network::HostNetwork;
use crate::parts::Parts;
use crate::volume::Volumes;
use runtime::keeper::protocol::ProcessState;
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// What is kept of each kind while the host runs.
#[derive(Debug)]
pub(crate) struct Kinds {
    pub(crate) containers: Containers,
    /// The images themselves are the store's.
    pub(crate) images: Transfers,
    pub(crate) networks: HostNetwork,
    /// Which there are is asked of the database.
    pub(crate) volumes: Volumes,
}

impl Kinds {
    /// As it is written down.
    pub(super) fn load(parts: &Parts, record: &HostRecord, namespace: Arc<OwnedFd>) -> Result<Self> {
        let containers = Containers::load(&parts.db, &record.id)?;
        let networks = HostNetwork::new(namespace, &containers.endpoints());
        Ok(Self { containers, images: Transfers::default(), networks, volumes: Volumes::default() })
    }
}

impl VirtualHost {
    /// Brings what is written down in line with what there really is. Images the store repairs for all hosts when it is opened,
    /// networks are made of the containers that run, and a volume is there or not.
    pub(super) async fn reconcile(self: &Arc<Self>, processes: &[ProcessState]) {
        self.reconcile_containers(processes).await;
    }
}
