//! Which machines an image is for, and which of several suits one.

use super::{Descriptor, Index, is_list_type};
use crate::{Error, Result, text};
use serde::Deserialize;
use std::fmt;

/// `linux/amd64`, `linux/arm/v7`. In the words of Go's compiler, with the variant where there are several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// As a descriptor has it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Raw {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Platform {
    /// Other words for the same are taken as well: `aarch64`, `x86_64`.
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let os = os.to_ascii_lowercase();
        let os = if os == "macos" { "darwin".to_owned() } else { os };
        let variant = variant.map(str::to_ascii_lowercase).filter(|variant| !variant.is_empty());
        let variant =
            variant.map(|it| if it.starts_with(|c: char| c.is_ascii_digit()) { format!("v{it}") } else { it });
        let architecture = architecture.to_ascii_lowercase();
        let (architecture, variant) = match (architecture.as_str(), variant) {
            ("x86_64" | "x86-64" | "amd64", variant) => ("amd64", variant.filter(|variant| variant != "v1")),
            ("aarch64" | "arm64", variant) => ("arm64", Some(variant.unwrap_or_else(|| "v8".to_owned()))),
            ("armhf", _) => ("arm", Some("v7".to_owned())),
            ("armel", _) => ("arm", Some("v6".to_owned())),
            ("arm", variant) => ("arm", Some(variant.unwrap_or_else(|| "v7".to_owned()))),
            ("i386" | "i686" | "x86" | "386", _) => ("386", None),
            (other, variant) => (other, variant),
        };
        Self { os, architecture: architecture.to_owned(), variant }
    }

    /// What this machine runs.
    pub fn here() -> Self {
        Self::new(std::env::consts::OS, std::env::consts::ARCH, None)
    }

    /// `os/architecture` or `os/architecture/variant`; one word alone is one or the other, and this machine's else.
    ///
    /// # Errors
    /// It is nothing of that kind.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong =
            || Error::Invalid(format!("\"{}\": cannot parse platform specifier: invalid argument", text::shown(text)));
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        let words: Vec<&str> = text.split('/').collect();
        if text.len() > 100 || !words.iter().all(|word| is_word(word)) {
            return Err(wrong());
        }
        match words[..] {
            [os @ ("linux" | "windows" | "darwin" | "freebsd")] => Ok(Self::new(os, std::env::consts::ARCH, None)),
            [architecture] => Ok(Self::new(std::env::consts::OS, architecture, None)),
            [os, architecture] => Ok(Self::new(os, architecture, None)),
            [os, architecture, variant] => Ok(Self::new(os, architecture, Some(variant))),
            _ => Err(wrong()),
        }
    }

    pub fn os(&self) -> &str {
        &self.os
    }

    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// How well what is for `other` runs here: 0 is best. `None`: not at all. Older variants run on newer machines.
    pub fn rank(&self, other: &Self) -> Option<u32> {
        if self.os != other.os || self.architecture != other.architecture {
            return None;
        }
        match (self.architecture.as_str(), level(&self.variant), level(&other.variant)) {
            ("amd64" | "arm" | "arm64", Some(ours), Some(theirs)) => ours.checked_sub(theirs),
            _ => (self.variant == other.variant).then_some(0),
        }
    }
}

impl Index {
    /// The entries that may suit a platform, the best first; other indexes, which say it of their own entries, come last.
    /// An image that does not say what it is for counts only if it is the only one: else it is a signature or the like.
    pub fn suitable(&self, platform: &Platform) -> Vec<&Descriptor> {
        let rank = |entry: &Descriptor| match &entry.platform {
            Some(of) => platform.rank(of),
            None => (is_list_type(&entry.media_type) || self.manifests.len() == 1).then_some(u32::MAX),
        };
        let mut ranked: Vec<_> = self.manifests.iter().filter_map(|entry| Some((rank(entry)?, entry))).collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl From<Raw> for Platform {
    fn from(raw: Raw) -> Self {
        Self::new(&raw.os, &raw.architecture, raw.variant.as_deref())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.iter().try_for_each(|variant| write!(f, "/{variant}"))
    }
}

/// `v7` is 7; none at all is the first.
fn level(variant: &Option<String>) -> Option<u32> {
    variant.as_deref().map_or(Some(1), |variant| variant.strip_prefix('v')?.parse().ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn platform(text: &str) -> Platform {
        Platform::parse(text).unwrap()
    }

    #[test]
    fn platforms_have_one_name() {
        for (given, shown) in [
            ("linux/amd64", "linux/amd64"),
            ("Linux/x86_64", "linux/amd64"),
            ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("linux/aarch64", "linux/arm64/v8"),
            ("linux/arm64/8", "linux/arm64/v8"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/armhf", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("linux/i386", "linux/386"),
            ("linux/s390x", "linux/s390x"),
        ] {
            assert_eq!(platform(given).to_string(), shown, "{given}");
        }
        assert_eq!(platform("s390x").os(), std::env::consts::OS);
        for given in ["", "/", "linux/", "a/b/c/d", "linux/a b", "linux/\u{1b}"] {
            assert!(Platform::parse(given).is_err(), "{given}");
        }
    }

    #[test]
    fn older_variants_run_on_newer_machines() {
        for (here, of, rank) in [
            ("linux/amd64", "linux/amd64", Some(0)),
            ("linux/amd64", "linux/amd64/v2", None),
            ("linux/amd64/v3", "linux/amd64", Some(2)),
            ("linux/amd64", "linux/386", None),
            ("linux/amd64", "windows/amd64", None),
            ("linux/arm64", "linux/arm64/v8", Some(0)),
            ("linux/arm64", "linux/arm/v7", None),
            ("linux/arm/v7", "linux/arm/v7", Some(0)),
            ("linux/arm/v7", "linux/arm/v6", Some(1)),
            ("linux/arm/v7", "linux/arm/v5", Some(2)),
            ("linux/arm/v6", "linux/arm/v7", None),
            ("linux/riscv64", "linux/riscv64", Some(0)),
        ] {
            assert_eq!(platform(here).rank(&platform(of)), rank, "{of} on {here}");
        }
    }

    #[test]
    fn the_best_comes_first_and_what_says_nothing_last_or_not_at_all() {
        let entry =
            |name: &str, of: Option<&str>| Descriptor { platform: of.map(platform), ..Descriptor::of(name, b"") };
        let manifests = vec![
            entry("silent", None),
            entry(super::super::media_type::OCI_INDEX, None),
            entry("attestation", Some("unknown/unknown")),
            entry("v5", Some("linux/arm/v5")),
            entry("v7", Some("linux/arm/v7")),
            entry("v6", Some("linux/arm/v6")),
            entry("second v7", Some("linux/arm/v7")),
        ];
        let index = Index { manifests, annotations: Default::default() };
        let found: Vec<_> =
            index.suitable(&platform("linux/arm")).into_iter().map(|it| it.media_type.as_str()).collect();
        assert_eq!(found, ["v7", "second v7", "v6", "v5", super::super::media_type::OCI_INDEX]);
        let index = Index { manifests: vec![entry("silent", None)], annotations: Default::default() };
        assert_eq!(index.suitable(&platform("linux/arm")).len(), 1);
    }
}
