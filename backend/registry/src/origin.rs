//! Where a registry is.

use crate::error::{Error, Kind, Result};
use std::fmt;

/// Docker Hub, and where it is spoken to.
pub(crate) const DOCKER_HUB: &str = "docker.io";
const DOCKER_HUB_HOST: &str = "registry-1.docker.io";

/// Whether a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Https,
    Http,
}

/// Scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// Of a registry as it stands in an image's name: `name` or `name:port`, `[::1]:5000`.
    pub(crate) fn of_registry(registry: &str, scheme: Scheme) -> Result<Self> {
        let registry = if registry == DOCKER_HUB { DOCKER_HUB_HOST } else { registry };
        Self::parse(&format!("{scheme}://{registry}/")).map(|(origin, _)| origin)
    }

    /// Of a whole address, with what comes after the origin.
    pub(crate) fn parse(url: &str) -> Result<(Self, String)> {
        let wrong = || Error::new(Kind::Broken, format!("{:?} is no address of a registry", crate::error::shown(url)));
        let uri: hyper::Uri = url.parse().map_err(|_| wrong())?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(wrong()),
        };
        // Who a name before an `@` would be is nobody's business here.
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let port = authority.port_u16().unwrap_or(if scheme == Scheme::Https { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok((Self { scheme, host, port }, path))
    }

    pub(crate) fn with_scheme(&self, scheme: Scheme) -> Self {
        let is_default = self.port == default_port(self.scheme);
        Self { scheme, host: self.host.clone(), port: if is_default { default_port(scheme) } else { self.port } }
    }

    /// What the `Host` header says.
    pub(crate) fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == default_port(self.scheme) { host } else { format!("{host}:{}", self.port) }
    }
}

fn default_port(scheme: Scheme) -> u16 {
    if scheme == Scheme::Https { 443 } else { 80 }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Https { "https" } else { "http" })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        for (url, shown, path) in [
            ("https://a.example/v2/x?y=1", "https://a.example", "/v2/x?y=1"),
            ("http://A.example:80", "http://a.example", "/"),
            ("http://[::1]:5000/", "http://[::1]:5000", "/"),
        ] {
            let (origin, rest) = Origin::parse(url).unwrap();
            assert_eq!((origin.to_string().as_str(), rest.as_str()), (shown, path), "{url}");
        }
        for url in ["", "/v2/", "ftp://a/", "https://user@a/", "https:///x", "https://a b/", "//a/"] {
            assert!(Origin::parse(url).is_err(), "{url}");
        }
        let hub = Origin::of_registry("docker.io", Scheme::Https).unwrap();
        assert_eq!(hub.to_string(), "https://registry-1.docker.io");
        assert_eq!(hub.with_scheme(Scheme::Http).port, 80);
        assert_eq!(Origin::of_registry("localhost:5000", Scheme::Http).unwrap().port, 5000);
    }
}
