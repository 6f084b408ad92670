//! For which machines an image is.

use super::Image;
use crate::Result;
use serde::{Deserialize, Serialize};
use std::fmt;

/// In Go's words: `linux/arm64/v8`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub variant: String,
}

impl Image {
    pub fn platform(&self) -> Platform {
        let config = &self.config;
        Platform { os: config.os.clone(), architecture: config.architecture.clone(), variant: config.variant.clone() }
    }
}

impl Platform {
    /// As it is written for `--platform`: one word alone is a system or an architecture, and the rest this machine's.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(registry::Platform::parse(text)?.into())
    }

    /// What this machine runs.
    pub fn of_machine() -> Self {
        registry::Platform::here().into()
    }

    /// Whether a machine that is like this runs what is for `other`: one of its kind, or an older.
    pub fn runs(&self, other: &Self) -> bool {
        self.os == other.os
            && match (kind(&self.architecture), kind(&other.architecture)) {
                ("amd64", "386") | ("arm64", "arm") => true,
                (own, theirs) => {
                    own == theirs
                        && (other.variant.is_empty() || number(own, &other.variant) <= number(own, &self.variant))
                }
            }
    }
}

impl From<registry::Platform> for Platform {
    fn from(platform: registry::Platform) -> Self {
        Self {
            os: platform.os().to_owned(),
            architecture: platform.architecture().to_owned(),
            variant: platform.variant().unwrap_or_default().to_owned(),
        }
    }
}

impl From<&Platform> for registry::Platform {
    fn from(platform: &Platform) -> Self {
        Self::new(&platform.os, &platform.architecture, Some(platform.variant.as_str()))
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

/// What Go calls an architecture.
fn kind(architecture: &str) -> &str {
    match architecture {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" => "386",
        "armhf" | "armel" => "arm",
        other => other,
    }
}

/// How new a processor of a kind is: `v7` is 7, and nothing is what most are.
fn number(kind: &str, variant: &str) -> u32 {
    let usual = match kind {
        "arm64" => 8,
        "arm" => 7,
        _ => 1,
    };
    if variant.is_empty() { usual } else { variant.trim_start_matches('v').parse().unwrap_or(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Platform { os: next(), architecture: next(), variant: next() }
    }

    #[test]
    fn a_machine_runs_what_is_for_its_like_and_for_older_ones() {
        for (wanted, actual, runs) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/x86_64", "linux/amd64", true),
            ("linux/amd64/v2", "linux/amd64", true),
            ("linux/amd64", "linux/amd64/v2", false),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/arm/v7", "linux/arm/v6", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/amd64", "linux/386", true),
            ("linux/arm64", "linux/amd64", false),
            ("windows/amd64", "linux/amd64", false),
        ] {
            assert_eq!(platform(wanted).runs(&platform(actual)), runs, "{wanted} {actual}");
        }
    }
}
