//! An image's configuration: the JSON document that its id is the digest of.
//!
//! Not `oci-spec`'s types: they know nothing of what Docker adds (health checks, `ONBUILD`, `SHELL`), and the document is kept as the
//! very bytes that it came in, so that nothing is lost by reading only what is understood here.

use super::Platform;
use crate::time::parse_rfc3339;
use crate::{Error, Result, json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Largest document, in bytes: Docker's registries take no larger ones.
pub(crate) const LARGEST: usize = 4 << 20;

/// Most layers of an image, as in Docker.
pub(crate) const MOST_LAYERS: usize = 127;

/// What an image's configuration says (image-spec, `config.md`, and Docker's image specification 1.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageConfig {
    pub architecture: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// What its containers are by default.
    pub config: Defaults,
    /// RFC 3339; may be missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub docker_version: String,
    pub history: Vec<History>,
    pub os: String,
    pub rootfs: RootFs,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

/// Defaults for containers, under Docker's names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Defaults {
    /// Windows only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub args_escaped: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub exposed_ports: Set,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::words")]
    pub entrypoint: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::words")]
    pub cmd: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volumes: Option<Set>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub working_dir: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_build: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::words")]
    pub shell: Option<Vec<String>>,
}

/// Go's `map[string]struct{}`.
pub type Set = BTreeMap<String, Empty>;

/// `{}`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// A health check: times are nanoseconds, 0 for the default. Records of containers once had the names in small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Healthcheck {
    /// `CMD` and a command, or `CMD-SHELL` and a line for `/bin/sh`; nothing, `NONE` or anything else is no check.
    #[serde(alias = "test", skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    #[serde(alias = "interval", skip_serializing_if = "is_zero")]
    pub interval: i64,
    #[serde(alias = "timeout", skip_serializing_if = "is_zero")]
    pub timeout: i64,
    #[serde(alias = "start_period", skip_serializing_if = "is_zero")]
    pub start_period: i64,
    #[serde(alias = "start_interval", skip_serializing_if = "is_zero")]
    pub start_interval: i64,
    /// Failures in a row until the container is unhealthy.
    #[serde(alias = "retries", skip_serializing_if = "is_zero")]
    pub retries: i64,
}

/// How a layer, or none, came to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty_layer: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RootFs {
    #[serde(rename = "type")]
    pub kind: String,
    /// Digests of the layers' uncompressed tars, the lowest first.
    pub diff_ids: Vec<String>,
}

impl ImageConfig {
    /// Reads a document that may come from anywhere.
    ///
    /// # Errors
    /// It is too large, no configuration of an image, or has layers that can't be.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        let wrong = |why: &str| Error::invalid(format!("The image's configuration can't be used: {why}"));
        if bytes.len() > LARGEST {
            return Err(wrong("it is larger than any"));
        }
        let config: Option<Self> = json::from_slice(bytes).map_err(|error| wrong(&error.to_string()))?;
        let config = config.ok_or_else(|| wrong("it is null"))?;
        if config.rootfs.diff_ids.len() > MOST_LAYERS {
            return Err(Error::invalid("max depth exceeded"));
        }
        match config.rootfs.diff_ids.iter().find(|diff_id| !super::digest::is_sha256(diff_id)) {
            Some(other) => Err(wrong(&format!("{other:.80?} is no digest of a layer"))),
            None => Ok(config),
        }
    }

    /// The bytes of one that is made here; the same for the same configuration.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|error| Error::system(format!("The image's configuration can't be written: {error}")))
    }

    /// When it was made, in nanoseconds since the epoch; 0 if it doesn't say, or says what can't be.
    pub(crate) fn created_nanos(&self) -> i64 {
        self.created.as_deref().map_or(0, parse_rfc3339)
    }

    /// For which machines it is; what it doesn't say is this one's.
    pub(crate) fn platform(&self) -> Platform {
        let machine = Platform::of_machine();
        let or = |own: &str, other: String| if own.is_empty() { other } else { own.to_owned() };
        Platform {
            os: or(&self.os, machine.os),
            architecture: or(&self.architecture, machine.architecture),
            variant: self.variant.clone(),
        }
    }

    pub fn labels(&self) -> impl Iterator<Item = (&String, &String)> {
        self.config.labels.iter().flatten()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn what_docker_writes_is_understood() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!(
            r#"{{"architecture":"amd64","config":{{"Env":["A=1"],"Cmd":null,"Labels":null,"Volumes":{{"/v":{{}}}},
               "Healthcheck":{{"Test":["CMD","x"],"Interval":5}},"OnBuild":["RUN x"]}},"created":"2024-05-06T07:08:09.5Z",
               "history":[{{"created_by":"x","empty_layer":true}}],"os":"linux",
               "rootfs":{{"type":"layers","diff_ids":["{digest}"]}},"unknown":[1]}}"#
        );
        let config = ImageConfig::parse(text.as_bytes()).unwrap();
        assert_eq!(config.created_nanos(), 1_714_979_289_500_000_000);
        assert_eq!(config.config.cmd, None);
        assert_eq!(config.config.volumes.as_ref().unwrap().keys().collect::<Vec<_>>(), ["/v"]);
        assert_eq!(config.config.healthcheck.as_ref().unwrap().interval, 5);
        assert!(config.history[0].empty_layer);
        assert_eq!(ImageConfig::parse(&config.to_bytes().unwrap()).unwrap(), config);
    }

    #[test]
    fn nonsense_is_refused() {
        let deep = "[".repeat(100_000);
        let many = format!(r#"{{"rootfs":{{"diff_ids":[{}"x"]}}}}"#, r#""x","#.repeat(200));
        for text in ["", "[]", "{\"config\":1}", r#"{"rootfs":{"diff_ids":["sha256:1"]}}"#, &deep, &many] {
            assert_eq!(ImageConfig::parse(text.as_bytes()).unwrap_err().kind, crate::ErrorKind::InvalidParameter);
        }
        assert!(ImageConfig::parse(&vec![b' '; LARGEST + 1]).is_err());
        assert_eq!(ImageConfig::parse(b"{\"created\":\"yesterday\"}").unwrap().created_nanos(), 0);
    }
}
