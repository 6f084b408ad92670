//! For which machines an image is.

use crate::error::{Error, Kind, Result};
use serde::Deserialize;
use std::fmt;

/// `linux/arm64/v8`, in Go's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
    pub variant: String,
}

impl Platform {
    /// The one that this program was made for.
    pub fn of_machine() -> Self {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Self { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: String::new() }.normal()
    }

    /// As it is written for `--platform`: `os`, `architecture`, `os/architecture` or `os/architecture/variant`.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(
                Kind::Unsupported,
                format!(
                    "{:?} is an invalid component of {text:?}: platform specifier component must match \"^[A-Za-z0-9_.-]+$\"",
                    text
                ),
            )
        };
        let parts: Vec<String> = text.split('/').map(str::to_ascii_lowercase).collect();
        let is_word = |part: &String| {
            !part.is_empty()
                && part.len() < 64
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        };
        if parts.len() > 3 || !parts.iter().all(is_word) {
            return Err(wrong());
        }
        let part = |index: usize| parts.get(index).cloned().unwrap_or_default();
        let machine = Self::of_machine();
        let platform = match &parts[..] {
            [os] if matches!(os.as_str(), "linux" | "windows" | "darwin" | "freebsd") => {
                Self { os: os.clone(), ..machine }
            }
            [architecture] => Self { architecture: architecture.clone(), variant: String::new(), ..machine },
            _ => Self { os: part(0), architecture: part(1), variant: part(2) },
        };
        Ok(platform.normal())
    }

    /// How well an image for `other` serves: the lower the better; `None`: not at all.
    pub(crate) fn distance(&self, other: &Self) -> Option<usize> {
        let other = other.clone().normal();
        if self.os != other.os || self.architecture != other.architecture {
            return None;
        }
        if self.variant == other.variant {
            return Some(0);
        }
        // A newer ARM runs what is for an older one.
        let number = |variant: &str| variant.strip_prefix('v').and_then(|number| number.parse::<usize>().ok());
        match (self.architecture.as_str(), number(&self.variant), number(&other.variant)) {
            ("arm", Some(own), Some(others)) if others < own => Some(own - others),
            // `v1` is what every amd64 is.
            ("amd64", own, None | Some(1)) => Some(own.unwrap_or(1)),
            ("amd64", Some(own), Some(others)) if others < own => Some(own - others),
            _ => None,
        }
    }

    /// With the names and variants that mean the same.
    fn normal(mut self) -> Self {
        let (architecture, variant) = match (self.architecture.as_str(), self.variant.as_str()) {
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("aarch64", "" | "8" | "v8") | ("arm64", "" | "8" | "v8") => ("arm64", "v8"),
            ("aarch64", variant) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "" | "7") => ("arm", "v7"),
            ("i386" | "i486" | "i586" | "i686" | "386", _) => ("386", ""),
            ("amd64", "v1") => ("amd64", ""),
            (architecture, variant) => (architecture, variant),
        };
        (self.architecture, self.variant) = (architecture.to_owned(), variant.to_owned());
        self
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if self.variant.is_empty() { Ok(()) } else { write!(f, "/{}", self.variant) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn platforms_are_read_as_docker_reads_them() {
        for (text, shown) in [
            ("linux/amd64", "linux/amd64"),
            ("LINUX/x86_64", "linux/amd64"),
            ("linux/aarch64", "linux/arm64/v8"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("arm64", "linux/arm64/v8"),
        ] {
            assert_eq!(Platform::parse(text).unwrap().to_string(), shown);
        }
        for text in ["", "/", "a//b", "linux/amd64/v1/x", "linux/am d64", "linux/"] {
            assert!(Platform::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_nearest_image_serves() {
        let distance =
            |own: &str, other: &str| Platform::parse(own).unwrap().distance(&Platform::parse(other).unwrap());
        assert_eq!(distance("linux/amd64", "linux/amd64"), Some(0));
        assert_eq!(distance("linux/amd64", "linux/386"), None);
        assert_eq!(distance("linux/amd64", "windows/amd64"), None);
        assert_eq!(distance("linux/amd64", "linux/amd64/v3"), None);
        assert!(distance("linux/amd64/v3", "linux/amd64/v2") < distance("linux/amd64/v3", "linux/amd64"));
        assert!(distance("linux/arm/v7", "linux/arm/v6") < distance("linux/arm/v7", "linux/arm/v5"));
        assert_eq!(distance("linux/arm/v6", "linux/arm/v7"), None);
        assert_eq!(distance("linux/arm64", "linux/arm64/v8"), Some(0));
    }
}
