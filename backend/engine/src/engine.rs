//! All virtual hosts of one machine.

use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};
use runtime::keeper::protocol::HostLimits;
use runtime::zygote::Zygote;
use std::path::PathBuf;
use std::sync::Arc;

/// Where things are, and whose ids to use.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// What stays: database, layers, containers.
    pub data_dir: PathBuf,
    /// What dies with the boot: sockets, bundles.
    pub run_dir: PathBuf,
}

/// What a new virtual host is to be.
#[derive(Debug, Clone)]
pub struct HostSpec {
    /// `[a-z0-9]{1,32}`, unique on this machine.
    pub id: String,
    /// What `hostname` says in the workstation.
    pub hostname: String,
    /// Image of the workstation (`lernhafen/workstation:latest`); `None`: a host without one, as `lernhafen engine` serves.
    pub workstation: Option<String>,
    pub limits: HostLimits,
}

/// The engine: the store of images, and the virtual hosts.
#[derive(Debug)]
pub struct Engine {}

#[allow(unused_variables)]
impl Engine {
    /// Opens the store and finds again the hosts that still run.
    pub async fn open(config: EngineConfig, zygote: Zygote) -> Result<Arc<Self>> {
        Err(Error::new(ErrorKind::NotImplemented, "not there yet"))
    }
    /// Every host that is there now, with the listening socket of its workstation's `/var/run/docker.sock`
    /// the first time that this is asked of it.
    pub fn hosts(&self) -> Vec<Arc<VirtualHost>> {
        Vec::new()
    }
    pub fn host(&self, id: &str) -> Option<Arc<VirtualHost>> {
        None
    }
    /// The host of that id: found, or begun again if it had stopped, or made new.
    pub async fn ensure_host(&self, spec: HostSpec) -> Result<Arc<VirtualHost>> {
        Err(Error::new(ErrorKind::NotImplemented, "not there yet"))
    }
    /// Ends everything on it and forgets it.
    pub async fn remove_host(&self, id: &str) -> Result<()> {
        Err(Error::new(ErrorKind::NotImplemented, "not there yet"))
    }
}
