//! What an image says of the package that it is there for: tags that are true, and where it comes from.

use super::{Recipe, SCRATCH};
use crate::store::Reference;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// Debian's package that an image is there for, as it was installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// Debian's: `5:8.0.2-3+deb13u1`.
    debian: String,
    /// The source package, and its version.
    source: (String, String),
}

impl Version {
    /// Of what the build's script has written: version, source package and its version, separated by spaces.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [debian, name, version] = *words else {
            return Err(Error::system(format!("dpkg did not say which version it has installed: {text:?}")));
        };
        Ok(Self { debian: debian.to_owned(), source: (name.to_owned(), version.to_owned()) })
    }

    /// As those call it who wrote the program: without what Debian has added.
    pub(super) fn upstream(&self) -> &str {
        let version = self.debian.split_once(':').map_or(&*self.debian, |(_, version)| version);
        let end = version.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(version.len());
        version[..end].trim_end_matches('.')
    }

    /// `1.26.3`, `1.26` and `1`.
    fn tags(&self) -> impl Iterator<Item = &str> {
        let upstream = self.upstream();
        let shorter = upstream.rmatch_indices('.').map(|(at, _)| &upstream[..at]);
        std::iter::once(upstream).chain(shorter).filter(|tag| !tag.is_empty())
    }
}

/// All names of an image of this version.
pub(super) fn names(recipe: &Recipe, version: Option<&Version>) -> Result<Vec<Reference>> {
    let mut names = recipe.references()?;
    let Some(first) = names.first().map(|first| first.name().to_owned()) else { return Ok(names) };
    let flavours = || std::iter::once("").chain(recipe.flavours.iter().map(String::as_str));
    let tags = version.into_iter().flat_map(Version::tags).flat_map(|tag| {
        flavours().map(move |flavour| if flavour.is_empty() { tag.to_owned() } else { format!("{tag}-{flavour}") })
    });
    for tag in tags.chain(recipe.flavours.iter().cloned()) {
        names.push(Reference::parse(&format!("{first}:{tag}"))?);
    }
    Ok(names)
}

/// Labels of the OCI's, as far as the recipe doesn't say otherwise.
pub(super) fn labels(recipe: &Recipe, version: Option<&Version>) -> Result<BTreeMap<String, String>> {
    let mut labels = BTreeMap::new();
    let mut label = |name: &str, text: &str| {
        if !text.is_empty() {
            labels.insert(format!("org.opencontainers.image.{name}"), text.to_owned());
        }
    };
    let names = recipe.references()?;
    label("title", names.first().map_or("", |name| name.name()).rsplit('/').next().unwrap_or_default());
    label("description", &recipe.description);
    label("vendor", "Lernhafen");
    label("base.name", recipe.from.as_deref().filter(|from| *from != SCRATCH).unwrap_or_default());
    if let Some(Version { debian, source: (package, version) }) = version {
        label("version", debian);
        label("source", &format!("https://sources.debian.org/src/{package}/{version}/"));
    }
    labels.extend(recipe.labels.clone());
    Ok(labels)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn versions_become_tags_without_what_debian_added() {
        for (debian, tags) in [
            ("1.26.3-3+deb13u1", &["1.26.3", "1.26", "1"][..]),
            ("5:8.0.2-3+deb13u1", &["8.0.2", "8.0", "8"]),
            ("20.19.2+dfsg-1", &["20.19.2", "20.19", "20"]),
            ("17.6-0+deb13u1", &["17.6", "17"]),
            ("2.4.65-2~deb13u1", &["2.4.65", "2.4", "2"]),
            ("2.8.3+ds1-2+b8", &["2.8.3", "2.8", "2"]),
            ("12", &["12"]),
        ] {
            let version = Version::parse(&format!("{debian} source 1-1\n")).unwrap();
            assert_eq!(version.tags().collect::<Vec<_>>(), tags, "{debian}");
        }
        assert!(Version::parse("").is_err());
    }
}
