//! From where which registry is spoken to.
//!
//! A learner names any registry, and the engine speaks to it: were that done from the machine's own network, every service in it would be
//! open to them. So public names are dialed from the machine, but only at public addresses; what is private is dialed from within the
//! virtual host, where it means that host's own; and the harbour's own registry is in this process.

use super::Outage;
use crate::namespace::dial;
use crate::store::Reference;
use crate::store::reference::DOCKER_HUB;
use crate::{Error, ErrorKind, Result};
use registry::{
    Client, Config, Credentials, Dial, DialError, Dialing, HostConfig, PublicNetwork, Repository, is_public,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long somebody who searches waits for Docker Hub.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an administrator can set of registries.
#[derive(Debug, Clone, Default)]
pub struct RegistryConfig {
    /// Addresses (`https://mirror.example`) that are asked for Docker Hub's images before Docker Hub.
    pub mirrors: Vec<String>,
    /// Registries (`name` or `name:port`) that may be spoken to without encryption.
    pub insecure: BTreeSet<String>,
    /// Registries (`name` or `name:port`) that may be spoken to though they are in a private network.
    pub private: BTreeSet<String>,
    /// The harbour's own registry, if there is one; see [`crate::Engine::set_harbour`].
    pub harbour: Option<String>,
}

/// What all virtual hosts share of registries.
#[derive(Debug)]
pub(crate) struct Registries {
    client: Client,
    /// For the machine itself.
    public: Arc<dyn Dial>,
    /// For learners, and what isn't theirs.
    outside: Arc<dyn Dial>,
    /// Of Docker Hub.
    pub(crate) outage: Arc<Outage>,
    /// What the harbour's own is called.
    harbour_name: Option<String>,
    harbour: RwLock<Option<Arc<dyn Dial>>>,
}

impl Registries {
    pub(crate) fn new(config: &RegistryConfig, way_out: bool) -> Result<Self> {
        let mut allowed = config.private.clone();
        // Whoever set up a mirror knows where it is.
        allowed.extend(config.mirrors.iter().map(|mirror| host_of(mirror).to_owned()));
        let public = Arc::new(PublicNetwork::new(&allowed));
        let mut hosts: BTreeMap<String, HostConfig> = BTreeMap::new();
        for name in config.insecure.iter().chain(&config.harbour) {
            hosts.entry(name.clone()).or_default().insecure = true;
        }
        hosts.entry(DOCKER_HUB.to_owned()).or_default().mirrors.clone_from(&config.mirrors);
        let client = Config { hosts, ..Config::default() };
        Ok(Self {
            client: Client::new(client)?,
            public: public.clone(),
            outside: if way_out { public.clone() } else { Arc::new(KeptIn { allowed, public }) },
            outage: Arc::default(),
            harbour_name: config.harbour.clone(),
            harbour: RwLock::default(),
        })
    }

    /// Says how to reach the harbour's own registry.
    pub(crate) fn set_harbour(&self, dial: Arc<dyn Dial>) {
        *self.harbour.write().unwrap_or_else(PoisonError::into_inner) = Some(dial);
    }

    /// What the harbour's own registry is called, if there is one.
    pub(crate) fn harbour_name(&self) -> Option<&str> {
        self.harbour_name.as_deref()
    }

    /// How the harbour's own registry is reached, once that is known.
    pub(crate) fn harbour(&self) -> Option<Arc<dyn Dial>> {
        self.harbour.read().unwrap_or_else(PoisonError::into_inner).clone()
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
    ///
    /// # Errors
    /// It doesn't believe them, or can't be asked.
    pub(crate) async fn log_in(
        &self,
        registry: &str,
        credentials: &Credentials,
        host: Arc<OwnedFd>,
    ) -> Result<Option<String>> {
        let dial = self.dial(host_of(registry), Some(host));
        Ok(self.client.login(registry, credentials, dial).await?)
    }

    /// Asks Docker Hub for at most `limit` repositories.
    ///
    /// # Errors
    /// It can't be asked, or answers something else.
    pub(crate) async fn search(&self, term: &str, limit: u32) -> Result<Vec<registry::Found>> {
        if let Some(outage) = self.outage.last() {
            return Err(outage.into());
        }
        let found = tokio::time::timeout(PATIENCE, self.client.search(term, limit, self.outside.clone())).await;
        let silence = || registry::Error::Unreachable {
            request: "Get \"https://index.docker.io/v1/search\"".to_owned(),
            cause: registry::Unreachable::Connect { address: String::new(), reason: "i/o timeout".to_owned() },
        };
        found.unwrap_or_else(|_| Err(silence())).map_err(|error| {
            self.outage.note(&error);
            error.into()
        })
    }

    fn dial(&self, registry: &str, host: Option<Arc<OwnedFd>>) -> Arc<dyn Dial> {
        if self.harbour_name() == Some(registry)
            && let Some(dial) = self.harbour()
        {
            return dial;
        }
        match host {
            Some(namespace) if is_local(registry) => Arc::new(FromHost(namespace)),
            Some(_) => self.outside.clone(),
            None => self.public.clone(),
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

/// Of a machine that keeps its hosts in.
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
