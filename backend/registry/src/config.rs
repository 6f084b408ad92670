//! What an admin decides about registries, and how patient the client is.

use std::collections::BTreeMap;
use std::time::Duration;

/// What the name of an image without a registry means.
pub(crate) const DOCKER_HUB: &str = "docker.io";

/// The default asks every registry over HTTPS, itself, and trusts whom the machine trusts.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// By name as in an image's name, with the port if there is one: `docker.io`, `localhost:5000`.
    pub hosts: BTreeMap<String, HostConfig>,
    /// Certificates (PEM) of authorities that are trusted besides those of the machine.
    pub authorities: Vec<u8>,
    pub timeouts: Timeouts,
    pub retries: Retries,
}

#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// Asked first for what is pulled, in this order: `mirror.example.org`, `http://10.0.0.1:5000`. One that fails or
    /// lacks it is passed over. Mirrors get no credentials. They are dialed like any other host, so
    /// [`PublicNetwork`](crate::PublicNetwork) must have those with private addresses among its exceptions.
    pub mirrors: Vec<String>,
    /// Spoken to over plain HTTP. Loopback names need it not: they are tried over HTTPS and then over HTTP.
    pub insecure: bool,
}

/// How long each wait may last.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// Looking a name up, and connecting.
    pub connect: Duration,
    pub tls: Duration,
    /// From the end of a request to the head of its answer.
    pub head: Duration,
    /// Without a single byte, in either direction.
    pub stall: Duration,
    /// All of a small body: a manifest, a token, an error. A drip would never stall.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let [connect, tls, head, stall, whole] = [10, 10, 30, 30, 60].map(Duration::from_secs);
        Self { connect, tls, head, stall, whole }
    }
}

/// How often a request that failed in passing is repeated.
#[derive(Debug, Clone)]
pub struct Retries {
    /// How often in all, counted anew after each progress.
    pub tries: u32,
    /// Before the second try; each further wait is twice as long, and each is shortened by chance.
    pub first_wait: Duration,
    pub longest_wait: Duration,
    /// How long in all a registry may make us wait with `Retry-After`.
    pub longest_retry_after: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            tries: 5,
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(8),
            longest_retry_after: Duration::from_secs(5),
        }
    }
}
