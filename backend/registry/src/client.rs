//! What all requests to registries share.

use crate::connection::{Connections, TlsConnectorOf};
use crate::credentials::Credentials;
use crate::dial::Dial;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind, Result};
use crate::origin::DOCKER_HUB;
use crate::repository::Repository;
use rustls::pki_types::CertificateDer;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What an administrator can set.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Addresses (`https://mirror.example`) that are asked for Docker Hub's images before Docker Hub.
    pub mirrors: Vec<String>,
    /// Registries, as `name` or `name:port`, that may be spoken to without encryption.
    pub insecure: BTreeSet<String>,
    /// Certificates that are trusted beyond the machine's, in DER.
    pub roots: Vec<Vec<u8>>,
    pub timeouts: Timeouts,
}

/// How long a registry may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the handshake of a connection.
    pub connect: Duration,
    /// Until an answer begins.
    pub head: Duration,
    /// For the next bytes of an answer.
    pub stall: Duration,
    /// Before the first retry; each further one takes twice as long.
    pub retry: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            retry: Duration::from_millis(500),
        }
    }
}

/// Speaks to registries. Clones share everything.
#[derive(Debug, Clone)]
pub struct Client {
    config: Arc<Config>,
    tls: TlsConnectorOf,
}

impl Client {
    /// With the certificates that this machine trusts.
    ///
    /// # Errors
    /// A certificate or a mirror's address is none.
    pub fn new(config: Config) -> Result<Self> {
        let mut roots = rustls::RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if added == 0 {
            tracing::warn!("this machine trusts no certificate: no registry can be spoken to. Install ca-certificates");
        }
        for root in &config.roots {
            let wrong = |error| Error::new(Kind::Unsupported, format!("a certificate can't be trusted: {error}"));
            roots.add(CertificateDer::from(root.clone())).map_err(wrong)?;
        }
        for mirror in &config.mirrors {
            Endpoint::mirror(mirror)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::new(Kind::Unsupported, format!("encryption can't be set up: {error}")))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { config: Arc::new(config), tls: TlsConnectorOf(Arc::new(tls)) })
    }

    /// A repository of a registry (`docker.io`, `localhost:5000`), without asking for anything yet.
    ///
    /// # Errors
    /// The registry's name is none.
    pub fn repository(
        &self,
        registry: &str,
        path: &str,
        credentials: Option<Credentials>,
        dial: Arc<dyn Dial>,
    ) -> Result<Repository> {
        let mut endpoints = Vec::new();
        if registry == DOCKER_HUB {
            for mirror in &self.config.mirrors {
                endpoints.push(Endpoint::mirror(mirror)?);
            }
        }
        endpoints.push(Endpoint::of_registry(registry, self.is_insecure(registry))?);
        let connections = Connections::new(dial, self.tls.clone(), self.config.timeouts);
        Ok(Repository::new(registry, path, credentials, endpoints, connections, self.config.timeouts))
    }

    /// As Docker: loopback needs no encryption, as nobody listens in.
    fn is_insecure(&self, registry: &str) -> bool {
        let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host);
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost"
            || address.is_ok_and(|address| address.is_loopback())
            || self.config.insecure.contains(registry)
            || self.config.insecure.contains(host)
    }
}

/// Whether a name means whoever says it: then it is dialed from where that is.
pub fn is_local(registry: &str) -> bool {
    let host = registry.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let host = host.map_or(registry, |(host, _)| host);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost"
        || host.ends_with(".localhost")
        || address.is_ok_and(|address| !crate::address::is_public(address))
}
