//! From where which registry is spoken to.
//!
//! A learner names any registry, and the engine speaks to it: were that done from the machine's own network, every service in it would be
//! open to them. So public names are dialed from the machine, but only at public addresses; what is private is dialed from within the
//! virtual host, where it means that host's own; and the harbour's own registry is in this process.

use crate::image::Reference;
use crate::network::dial;
use crate::{Error, ErrorKind, Result};
use registry::{Client, Config, Credentials, Dial, Dialed, Kind, PublicNetwork, Repository, is_local};
use std::collections::BTreeSet;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, PoisonError, RwLock};

/// What an administrator can set of registries.
#[derive(Debug, Clone, Default)]
pub struct RegistryConfig {
    /// Addresses (`https://mirror.example`) that are asked for Docker Hub's images before Docker Hub.
    pub mirrors: Vec<String>,
    /// Registries (`name` or `name:port`) that may be spoken to without encryption.
    pub insecure: BTreeSet<String>,
    /// Registries (`name` or `name:port`) that may be spoken to though they are in a private network.
    pub private: BTreeSet<String>,
}

/// What all virtual hosts share of registries.
#[derive(Debug)]
pub(crate) struct Registries {
    client: Client,
    /// For the machine itself.
    public: Arc<dyn Dial>,
    /// For learners, and what isn't theirs.
    outside: Arc<dyn Dial>,
    /// The harbour's own, by its name.
    harbour: RwLock<Option<(String, Arc<dyn Dial>)>>,
}

impl Registries {
    pub(crate) fn new(config: &RegistryConfig, way_out: bool) -> Result<Self> {
        let mut allowed = config.private.clone();
        // Whoever set up a mirror knows where it is.
        allowed.extend(config.mirrors.iter().filter_map(|mirror| host_of(mirror)));
        let allowed = PublicNetwork::new(allowed);
        let public = Arc::new(allowed.clone());
        let client = Config { mirrors: config.mirrors.clone(), insecure: config.insecure.clone(), ..Config::default() };
        Ok(Self {
            client: Client::new(client)?,
            public: public.clone(),
            outside: if way_out { public } else { Arc::new(KeptIn { allowed }) },
            harbour: RwLock::default(),
        })
    }

    /// Gives the harbour's own registry its name, and says how to reach it.
    pub(crate) fn set_harbour(&self, name: &str, dial: Arc<dyn Dial>) {
        *self.harbour.write().unwrap_or_else(PoisonError::into_inner) = Some((name.to_owned(), dial));
    }

    /// A repository as a virtual host reaches it; `None`: the machine itself.
    pub(crate) fn repository(
        &self,
        name: &Reference,
        credentials: Option<Credentials>,
        host: Option<Arc<OwnedFd>>,
    ) -> Result<Repository> {
        let dial = self.dial(name.registry(), host);
        Ok(self.client.repository(name.registry(), &name.path(), credentials, dial)?)
    }

    /// Shows credentials to a registry.
    pub(crate) async fn log_in(&self, registry: &str, credentials: Credentials, host: Arc<OwnedFd>) -> Result<()> {
        let dial = self.dial(registry, Some(host));
        Ok(self.client.log_in(registry, credentials, dial).await?)
    }

    fn dial(&self, registry: &str, host: Option<Arc<OwnedFd>>) -> Arc<dyn Dial> {
        if let Some((name, dial)) = &*self.harbour.read().unwrap_or_else(PoisonError::into_inner)
            && name == registry
        {
            return dial.clone();
        }
        match host {
            Some(namespace) if is_local(registry) => Arc::new(FromHost(namespace)),
            Some(_) => self.outside.clone(),
            None => self.public.clone(),
        }
    }
}

/// `registry.example:5000` of `https://registry.example:5000/`.
fn host_of(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    rest.split('/').next().map(str::to_owned)
}

/// From within a virtual host, whose own rules say where it may go.
#[derive(Debug)]
struct FromHost(Arc<OwnedFd>);

impl Dial for FromHost {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialed<'a> {
        Box::pin(async move {
            let stream = dial::from_namespace(&self.0, host, port).await?;
            Ok(Box::new(stream) as Box<dyn registry::Stream>)
        })
    }
}

/// Of a workshop that keeps its hosts in.
#[derive(Debug)]
struct KeptIn {
    /// What is named is meant.
    allowed: PublicNetwork,
}

impl Dial for KeptIn {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialed<'a> {
        if self.allowed.is_named(host, port) {
            return self.allowed.dial(host, port);
        }
        let reason = format!("dial tcp: {host} can't be reached: this workshop has no way out to the internet");
        Box::pin(async move { Err(io::Error::new(io::ErrorKind::NetworkUnreachable, reason)) })
    }
}

impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        let kind = match error.kind() {
            Kind::NotFound => ErrorKind::NotFound,
            // As Docker has it: a registry that says no may not have it.
            Kind::Denied | Kind::Unauthorized => ErrorKind::NotFound,
            Kind::Private => ErrorKind::Forbidden,
            Kind::Unsupported => ErrorKind::InvalidParameter,
            Kind::RateLimited | Kind::Unreachable | Kind::Broken | Kind::Lied | Kind::TooLarge => ErrorKind::System,
        };
        Self::new(kind, error.to_string())
    }
}
