//! From where which registry is spoken to.
//!
//! A learner names any registry, and the engine speaks to it: were that done from the machine's own network, every service in it would be
//! open to them. So public names are dialed from the machine, but only at public addresses; what is private is dialed from within the
//! virtual host, where it means that host's own; and the harbour's own registry is no network at all.

use super::super::Reference;
use crate::host::VirtualHost;
use registry::{Client, Credentials, Dial, Dialed, PublicNetwork, Repository};
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::sync::{Arc, RwLock};

/// What all virtual hosts share of registries.
#[derive(Debug)]
pub(crate) struct Registries {
    client: Client,
    public: Arc<dyn Dial>,
    /// The harbour's own, by its name.
    harbour: RwLock<Option<(String, Arc<dyn Dial>)>>,
}

/// How one virtual host reaches a registry.
#[derive(Debug)]
pub(crate) struct Reach {
    namespace: OwnedFd,
}
