//! From where which registry is spoken to.
//!
//! A learner names any registry, and the engine speaks to it: were that done from the machine's own network, every service in it would be
//! open to them. So public names are dialed from the machine, but only at public addresses; what is private is dialed from within the
//! virtual host, where it means that host's own; and the machine's own registries are in this process.

use super::Outage;
use crate::namespace::dial;
use crate::store::Reference;
use crate::store::reference::DOCKER_HUB;
use crate::{Error, ErrorKind, Result};
use registry::{
    Client, Config, Credentials, Dial, DialError, Dialing, HostConfig, PublicNetwork, Repository, is_public,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

/// How long somebody who searches waits for Docker Hub.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the machine's administrator can set of registries.
#[derive(Debug, Clone, Default)]
pub struct RegistryConfig {
    /// Addresses (`https://mirror.example`) that are asked for Docker Hub's images before Docker Hub.
    pub mirrors: Vec<String>,
    /// Registries (`name` or `name:port`) that may be spoken to without encryption.
    pub insecure: BTreeSet<String>,
    /// The registries that are within this process, by name, and how they are reached.
    pub own: BTreeMap<String, Arc<dyn Dial>>,
}

/// What a virtual host may reach of registries, beside those that are public.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryRules {
    /// Which of [`RegistryConfig::own`] is its, if one is.
    pub own: Option<String>,
    /// Registries (`name` or `name:port`) that it may speak to though they are in a private network.
    pub private: BTreeSet<String>,
}

/// On whose behalf a registry is spoken to.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// The machine itself, which may speak to these though they are in a private network.
    Machine { private: BTreeSet<String> },
    /// A virtual host, whose network that namespace is.
    Host { rules: RegistryRules, way_out: bool, namespace: Arc<OwnedFd> },
}

/// What all virtual hosts share of registries.
#[derive(Debug)]
pub(crate) struct Registries {
    client: Client,
    mirrors: BTreeSet<String>,
    /// Mirrors may be anywhere: whoever set one up knows where it is.
    public: PublicNetwork,
    own: BTreeMap<String, Arc<dyn Dial>>,
    /// Of Docker Hub.
    outage: Arc<Outage>,
    /// For hosts without a way out, it always is out of reach: others needn't hear of that.
    kept_in: Arc<Outage>,
}

impl Registries {
    pub(crate) fn new(config: &RegistryConfig) -> Result<Self> {
        let mut hosts: BTreeMap<String, HostConfig> = BTreeMap::new();
        for name in config.insecure.iter().chain(config.own.keys()) {
            hosts.entry(name.clone()).or_default().insecure = true;
        }
        hosts.entry(DOCKER_HUB.to_owned()).or_default().mirrors.clone_from(&config.mirrors);
        let client = Config { hosts, ..Config::default() };
        let mirrors = config.mirrors.iter().map(|mirror| host_of(mirror).to_owned()).collect();
        Ok(Self {
            client: Client::new(client)?,
            public: PublicNetwork::new(&mirrors),
            mirrors,
            own: config.own.clone(),
            outage: Arc::default(),
            kept_in: Arc::default(),
        })
    }

    /// The registries within this process: their names, and how they are reached.
    pub(crate) fn own(&self) -> &BTreeMap<String, Arc<dyn Dial>> {
        &self.own
    }

    /// Whether Docker Hub is out of reach for those who are let out as the caller is.
    pub(crate) fn outage(&self, caller: &Caller) -> &Arc<Outage> {
        match caller {
            Caller::Host { way_out: false, .. } => &self.kept_in,
            _ => &self.outage,
        }
    }

    /// A repository as somebody reaches it.
    pub(crate) fn repository(
        &self,
        name: &Reference,
        credentials: Option<Credentials>,
        caller: &Caller,
    ) -> Result<Repository> {
        let dial = self.dial(name.registry(), caller);
        Ok(self.client.repository(name.registry(), &name.path(), credentials, dial)?)
    }

    /// Shows credentials to a registry.
    ///
    /// # Errors
    /// It doesn't believe them, or can't be asked.
    pub(crate) async fn log_in(
        &self,
        registry: &str,
        credentials: &Credentials,
        caller: &Caller,
    ) -> Result<Option<String>> {
        let dial = self.dial(host_of(registry), caller);
        Ok(self.client.login(registry, credentials, dial).await?)
    }

    /// Asks Docker Hub for at most `limit` repositories.
    ///
    /// # Errors
    /// It can't be asked, or answers something else.
    pub(crate) async fn search(&self, term: &str, limit: u32, caller: &Caller) -> Result<Vec<registry::Found>> {
        let outage = self.outage(caller);
        if let Some(outage) = outage.last() {
            return Err(outage.into());
        }
        let dial = self.dial(DOCKER_HUB, caller);
        let found = tokio::time::timeout(PATIENCE, self.client.search(term, limit, dial)).await;
        let silence = || registry::Error::Unreachable {
            request: "Get \"https://index.docker.io/v1/search\"".to_owned(),
            cause: registry::Unreachable::Connect { address: String::new(), reason: "i/o timeout".to_owned() },
        };
        found.unwrap_or_else(|_| Err(silence())).map_err(|error| {
            outage.note(&error);
            error.into()
        })
    }

    fn dial(&self, registry: &str, caller: &Caller) -> Arc<dyn Dial> {
        let (own, private) = match caller {
            Caller::Machine { private } => (Some(registry), private),
            Caller::Host { rules, .. } => (rules.own.as_deref().filter(|own| *own == registry), &rules.private),
        };
        if let Some(dial) = own.and_then(|own| self.own.get(own)) {
            return dial.clone();
        }
        let public = || Arc::new(self.public.except(private));
        match caller {
            Caller::Host { namespace, .. } if is_local(registry) => Arc::new(FromHost(namespace.clone())),
            Caller::Host { way_out: false, .. } => {
                let allowed = private.union(&self.mirrors).cloned().collect();
                Arc::new(KeptIn { allowed, public: public() })
            }
            _ => public(),
        }
    }
}

/// `registry.example:5000` of `https://registry.example:5000/`.
fn host_of(mirror: &str) -> &str {
    let rest = mirror.split_once("://").map_or(mirror, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Whether a registry's name means the one who says it, or what is near: then it is dialed from there.
fn is_local(registry: &str) -> bool {
    let host = match registry.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => registry,
    };
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| !is_public(address))
}

/// From within a virtual host, whose own rules say where it may go.
#[derive(Debug)]
struct FromHost(Arc<OwnedFd>);

impl Dial for FromHost {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        Box::pin(async move {
            let stream = dial::from_namespace(&self.0, host, port).await?;
            Ok(Box::new(stream) as Box<dyn registry::Stream>)
        })
    }
}

/// Of a host that is kept in.
#[derive(Debug)]
struct KeptIn {
    /// What its administrator names is meant.
    allowed: BTreeSet<String>,
    public: Arc<dyn Dial>,
}

impl Dial for KeptIn {
    fn dial<'a>(&'a self, host: &'a str, port: u16) -> Dialing<'a> {
        if self.allowed.contains(host) || self.allowed.contains(&format!("{host}:{port}")) {
            return self.public.dial(host, port);
        }
        let reason = "there is no way out to the internet from here".to_owned();
        let error = DialError::Lookup { host: host.to_owned(), reason };
        Box::pin(async move { Err(error.into()) })
    }
}

impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        use registry::Error as From;
        let kind = match error {
            // As Docker has it: a registry that says no may not have it.
            From::NotFound(_) | From::NoMatch(_) | From::Denied(_) => ErrorKind::NotFound,
            From::Unauthorized(_) => ErrorKind::Unauthorized,
            From::PrivateAddress { .. } => ErrorKind::Forbidden,
            From::Invalid(_) | From::Unsupported(_) => ErrorKind::InvalidParameter,
            From::Source(_) => ErrorKind::System,
            _ => ErrorKind::Unavailable,
        };
        Self::new(kind, error.to_string())
    }
}
