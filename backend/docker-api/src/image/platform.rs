//! `platform`, for which an image is asked for.

use crate::error::{Error, Reply};
use engine::image::Image;
use serde::Deserialize;
use std::fmt;

/// As clients write it: an object of JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Platform {
    architecture: String,
    os: String,
    variant: String,
    #[serde(rename = "os.version")]
    os_version: String,
}

impl Platform {
    pub(super) fn parse(text: &str) -> Reply<Self> {
        let platform: Self =
            serde_json::from_str(text).map_err(|error| Error::bad(format!("failed to parse platform: {error}")))?;
        match (platform.os.is_empty(), platform.architecture.is_empty()) {
            (false, false) => Ok(platform),
            (true, true) if !(platform.variant.is_empty() && platform.os_version.is_empty()) => {
                Err(Error::bad("optional platform fields provided, but OS and Architecture are missing"))
            }
            _ => Err(Error::bad("both OS and Architecture must be provided")),
        }
    }

    /// Refuses, in Docker's words, an image that isn't for this.
    pub(super) fn check(&self, name: &str, image: &Image) -> Reply<()> {
        let config = &image.config;
        let actual = Self {
            architecture: config.architecture.clone(),
            os: config.os.clone(),
            variant: config.variant.clone(),
            os_version: String::new(),
        };
        if self.runs(&actual) {
            return Ok(());
        }
        Err(Error::not_found(format!(
            "image with reference {name} was found but its platform ({actual}) does not match the specified platform ({self})"
        )))
    }

    /// Whether a machine that is like this runs what is for `other`: one of its kind, or an older.
    fn runs(&self, other: &Self) -> bool {
        let (own, other_kind) = (kind(&self.architecture), kind(&other.architecture));
        self.os == other.os
            && match (own, other_kind) {
                ("amd64", "386") | ("arm64", "arm") => true,
                (own, other_kind) if own == other_kind => {
                    other.variant.is_empty() || number(other_kind, &other.variant) <= number(own, &self.variant)
                }
                _ => false,
            }
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
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Platform { os: next(), architecture: next(), variant: next(), os_version: String::new() }
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

    #[test]
    fn what_is_no_platform_is_refused() {
        for (text, message) in [
            (r#"{"os":"linux"}"#, "both OS and Architecture must be provided"),
            ("{}", "both OS and Architecture must be provided"),
            (r#"{"variant":"v8"}"#, "optional platform fields provided, but OS and Architecture are missing"),
        ] {
            assert_eq!(Platform::parse(text).unwrap_err().message, message);
        }
        assert!(Platform::parse("x").unwrap_err().message.starts_with("failed to parse platform: "));
        assert_eq!(Platform::parse(r#"{"os":"a","architecture":"b","variant":"c"}"#).unwrap().to_string(), "a/b/c");
    }
}
