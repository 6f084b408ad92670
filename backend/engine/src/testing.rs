//! What several tests need.

#![allow(clippy::unwrap_used, reason = "a test may")]

use crate::container::{Container, ContainerSpec, ContainerState, Policy, Restarts};
use crate::host::HostRules;
use crate::id::{ContainerId, HostId, ImageId};
use crate::store::Owner;
use crate::store::RegistryRules;
use crate::store::{Image, ImageConfig};

pub(crate) use archive::testing::Scratch;

/// A container that was created and nothing more.
pub(crate) fn container() -> Container {
    Container {
        id: ContainerId::new(&"4f5c".repeat(16)).unwrap(),
        name: String::new(),
        spec: ContainerSpec::default(),
        image_id: ImageId::of(b""),
        argv: Vec::new(),
        env: Vec::new(),
        working_dir: String::new(),
        user: String::new(),
        hostname: String::new(),
        created: 0,
        state: ContainerState::default(),
        network: None,
        restarts: Restarts::default(),
        health: None,
        exposed_ports: Vec::new(),
        mounts: Vec::new(),
    }
}

/// An image of nothing, without a name.
pub(crate) fn image() -> Image {
    Image {
        id: ImageId::of(b""),
        config: ImageConfig::default(),
        size: 0,
        repo_tags: Vec::new(),
        repo_digests: Vec::new(),
        parent: None,
        created: 0,
        tagged: 0,
    }
}

/// Of a host that may do everything.
pub(crate) fn rules() -> HostRules {
    let registry = RegistryRules::default();
    HostRules { policy: Policy { privileged: true }, way_out: true, disk_mib: 0, registry }
}

/// The host of that id, as one that has images.
pub(crate) fn host(id: &str) -> Owner {
    Owner::Host(HostId::new(id).unwrap())
}
