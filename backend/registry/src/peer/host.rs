//! Names of registries, and where they are spoken to.

use crate::config::DOCKER_HUB;
use crate::http::{Origin, Scheme};
use crate::{Error, Result, text};

#[derive(Debug, Clone)]
pub(crate) struct Host {
    /// As in an image's name: `docker.io`, `localhost:5000`.
    pub(crate) name: String,
    /// Where it may be spoken to, the likelier first.
    pub(crate) origins: Vec<Origin>,
}

/// Docker Hub's registry is elsewhere than its name says.
const DOCKER_HUB_REGISTRY: &str = "registry-1.docker.io";

impl Host {
    /// # Errors
    /// It is no name of a host, with or without a port.
    pub(crate) fn named(name: &str, is_insecure: bool) -> Result<Self> {
        let name = canonical(name);
        let served = if name == DOCKER_HUB { DOCKER_HUB_REGISTRY } else { &name };
        let at = |scheme| {
            Origin::parse(scheme, served)
                .ok_or_else(|| Error::Invalid(format!("invalid registry: {}", text::shown(&name))))
        };
        let (secure, plain) = (at(Scheme::Https)?, at(Scheme::Http)?);
        let origins = match (is_insecure, secure.is_loopback()) {
            (true, _) => vec![plain],
            (false, true) => vec![secure, plain],
            (false, false) => vec![secure],
        };
        Ok(Self { name, origins })
    }

    /// A mirror as an admin writes it: a name, with `http://` or `https://` before it or not.
    ///
    /// # Errors
    /// It is nothing of that kind.
    pub(crate) fn mirror(text: &str, is_insecure: impl Fn(&str) -> bool) -> Result<Self> {
        let text = text.trim_end_matches('/');
        match text.split_once("://") {
            Some(("http", name)) => Self::named(name, true),
            Some(("https", name)) => {
                let mut host = Self::named(name, false)?;
                host.origins.retain(|origin| origin.scheme == Scheme::Https);
                Ok(host)
            }
            _ => Self::named(text, is_insecure(text)),
        }
    }
}

/// The one name of a registry that has several.
pub(crate) fn canonical(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "index.docker.io" | DOCKER_HUB_REGISTRY => DOCKER_HUB.to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn origins(host: &Host) -> Vec<String> {
        host.origins.iter().map(Origin::to_string).collect()
    }

    #[test]
    fn registries_are_spoken_to_where_they_are() {
        for (name, is_insecure, wanted) in [
            ("docker.io", false, &["https://registry-1.docker.io"][..]),
            ("index.docker.io", false, &["https://registry-1.docker.io"]),
            ("GHCR.io", false, &["https://ghcr.io"]),
            ("registry.lan:5000", true, &["http://registry.lan:5000"]),
            ("localhost:5000", false, &["https://localhost:5000", "http://localhost:5000"]),
            ("127.0.0.2", false, &["https://127.0.0.2", "http://127.0.0.2"]),
            ("[::1]:80", true, &["http://[::1]"]),
        ] {
            assert_eq!(origins(&Host::named(name, is_insecure).unwrap()), wanted, "{name}");
        }
        for name in ["", "a/b", "a b", "https://a", "a:b", "a@b"] {
            assert!(matches!(Host::named(name, false), Err(Error::Invalid(_))), "{name}");
        }
    }

    #[test]
    fn mirrors_may_say_how_they_are_spoken_to() {
        for (text, wanted) in [
            ("mirror.example.org", "https://mirror.example.org"),
            ("https://mirror.example.org/", "https://mirror.example.org"),
            ("http://10.0.0.1:5000", "http://10.0.0.1:5000"),
            ("plain.lan", "http://plain.lan"),
            ("https://localhost:5000", "https://localhost:5000"),
        ] {
            assert_eq!(origins(&Host::mirror(text, |name| name == "plain.lan").unwrap()), [wanted], "{text}");
        }
        assert!(Host::mirror("https://mirror.example.org/path", |_| false).is_err());
        assert!(Host::mirror("ftp://mirror.example.org", |_| false).is_err());
    }
}
