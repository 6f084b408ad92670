//! Where everything begins: what is the same for all requests of all users.

use crate::http::{Http, Tls};
use crate::peer::{Host, Peer, canonical};
use crate::{Config, Credentials, Dial, Repository, Result, Retries, Timeouts};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The client. Cheap to clone; keeps no connection and no credentials.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// By the registry's one name.
    hosts: HashMap<String, Known>,
    tls: Arc<Tls>,
    timeouts: Timeouts,
    retries: Retries,
}

/// What the admin said about a registry.
#[derive(Debug, Default)]
struct Known {
    mirrors: Vec<Host>,
    is_insecure: bool,
}

impl Client {
    /// # Errors
    /// The configuration names what is no registry, or has what is no certificate.
    pub fn new(config: Config) -> Result<Self> {
        let is_insecure =
            |name: &str| config.hosts.iter().any(|(of, host)| host.insecure && canonical(of) == canonical(name));
        let mut hosts = HashMap::new();
        for (name, host) in &config.hosts {
            // Only to find mistakes now and not at the first pull.
            Host::named(name, host.insecure)?;
            let mirrors = host.mirrors.iter().map(|mirror| Host::mirror(mirror, is_insecure)).collect::<Result<_>>()?;
            hosts.insert(canonical(name), Known { mirrors, is_insecure: host.insecure });
        }
        let tls = Arc::new(Tls::new(&config.authorities)?);
        Ok(Self { shared: Arc::new(Shared { hosts, tls, timeouts: config.timeouts, retries: config.retries }) })
    }

    /// A repository for one request of a user. Keeps connections and tokens until it is dropped, and asks nothing yet.
    ///
    /// `registry`: as in an image's name, `docker.io`, `localhost:5000`; `path`: with `library/`, where Docker Hub's own
    /// images are.
    ///
    /// # Errors
    /// They are no names of a registry and a repository.
    pub fn repository(
        &self,
        registry: &str,
        path: &str,
        credentials: Option<Credentials>,
        dial: Arc<dyn Dial>,
    ) -> Result<Repository> {
        let known = self.shared.hosts.get(&canonical(registry));
        let host = Host::named(registry, known.is_some_and(|known| known.is_insecure))?;
        let mirrors = known.into_iter().flat_map(|known| &known.mirrors);
        // There is somebody else to ask: a mirror gets one more try, and keeps nobody waiting.
        let retries = &self.shared.retries;
        let hasty = Retries { tries: retries.tries.min(2), longest_retry_after: Duration::ZERO, ..retries.clone() };
        let mirrors = mirrors
            .map(|mirror| Peer::new(mirror.clone(), None, self.http(Arc::clone(&dial), hasty.clone())))
            .collect();
        Repository::new(self.peer(host, credentials, Arc::clone(&dial)), mirrors, path)
    }

    /// Shows credentials to a registry, as `docker login` does. What comes back, if anything, is to be used instead of
    /// the password from now on: [`Credentials::IdentityToken`].
    ///
    /// `registry`: a name, or an address as Docker's client has it, `https://index.docker.io/v1/`.
    ///
    /// # Errors
    /// The password is wrong, as [`Registry`](crate::Error::Registry) if the registry itself says so: in Docker's words.
    pub async fn login(
        &self,
        registry: &str,
        credentials: &Credentials,
        dial: Arc<dyn Dial>,
    ) -> Result<Option<String>> {
        let name = registry.split_once("://").map_or(registry, |(_, rest)| rest);
        let name = name.split('/').next().unwrap_or_default();
        let known = self.shared.hosts.get(&canonical(name));
        let host = Host::named(name, known.is_some_and(|known| known.is_insecure))?;
        self.peer(host, None, dial).login(credentials).await
    }

    pub(crate) fn usual_http(&self, dial: Arc<dyn Dial>) -> Http {
        self.http(dial, self.shared.retries.clone())
    }

    fn http(&self, dial: Arc<dyn Dial>, retries: Retries) -> Http {
        Http::new(dial, Arc::clone(&self.shared.tls), self.shared.timeouts.clone(), retries)
    }

    fn peer(&self, host: Host, credentials: Option<Credentials>, dial: Arc<dyn Dial>) -> Peer {
        Peer::new(host, credentials, self.usual_http(dial))
    }
}
