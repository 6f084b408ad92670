//! Which network a container is in.

use serde::{Deserialize, Serialize};
use std::fmt;

/// As `--network` has it. Written down and shown in Docker's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum NetworkMode {
    /// A network of the virtual host's; for now there is only `bridge`.
    Named(String),
    /// The virtual host's own: no namespace of the container's.
    Host,
    /// Nothing but a loopback.
    None,
    /// Another container's: its name as asked for, its id once it is found.
    Container(String),
}

impl NetworkMode {
    /// The network that lists the container, and its driver. `None`: another container is in it, and this one with that.
    pub fn network(&self) -> Option<(&str, &'static str)> {
        match self {
            Self::Named(name) => Some((name, "bridge")),
            Self::Host => Some(("host", "host")),
            Self::None => Some(("none", "null")),
            Self::Container(_) => None,
        }
    }
}

impl Default for NetworkMode {
    fn default() -> Self {
        Self::Named("bridge".to_owned())
    }
}

impl From<String> for NetworkMode {
    fn from(mode: String) -> Self {
        match mode.as_str() {
            "" | "default" => Self::default(),
            "host" => Self::Host,
            "none" => Self::None,
            _ => match mode.strip_prefix("container:") {
                Some(container) => Self::Container(container.to_owned()),
                None => Self::Named(mode),
            },
        }
    }
}

impl From<NetworkMode> for String {
    fn from(mode: NetworkMode) -> Self {
        mode.to_string()
    }
}

impl fmt::Display for NetworkMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(container) => write!(f, "container:{container}"),
            other => f.write_str(other.network().map_or("", |(name, _)| name)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn modes_are_written_as_they_were() {
        for (mode, written) in [
            (NetworkMode::default(), "bridge"),
            (NetworkMode::Host, "host"),
            (NetworkMode::None, "none"),
            (NetworkMode::Container("web".into()), "container:web"),
        ] {
            let json = serde_json::to_string(&mode).unwrap();
            assert_eq!(json, format!("{written:?}"));
            assert_eq!(serde_json::from_str::<NetworkMode>(&json).unwrap(), mode);
        }
        // As clients say it, and rows of before.
        for unsaid in ["", "default"] {
            assert_eq!(NetworkMode::from(unsaid.to_owned()), NetworkMode::default());
        }
    }
}
