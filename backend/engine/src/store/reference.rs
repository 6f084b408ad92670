//! Names of images, as Docker reads and shows them.

use crate::id::is_digits;
use crate::{Error, Result};
use std::fmt;
use std::sync::LazyLock;

/// `name:tag`, or `name@digest`. Shown as Docker shows it: without `docker.io/` and `library/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    name: String,
    suffix: Suffix,
    /// The tag of `name:tag@digest`, which says nothing beside the digest.
    idle_tag: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Suffix {
    Tag(String),
    Digest(String),
}

/// Docker's grammar (github.com/distribution/reference): domain and port, path, tag, digest.
#[expect(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static GRAMMAR: LazyLock<regex::Regex> = LazyLock::new(|| {
    regex::Regex::new(concat!(
        r"^(?:(?<domain>(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])",
        r"(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*(?::[0-9]+)?)/)?",
        r"(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)",
        r"(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?",
        r"(?:@(?<digest>sha256:[0-9a-f]{64}))?$",
    ))
    .expect("the grammar is a regular expression")
});

/// The registry of names that say none.
pub(crate) const DOCKER_HUB: &str = "docker.io";

/// Docker's limit of a repository's name, in bytes.
const LONGEST_NAME: usize = 255;

/// No reference is longer, in bytes: name, tag and digest.
const LONGEST: usize = 512;

impl Reference {
    /// Reads a name as a client writes it; without a tag it is `latest`.
    ///
    /// # Errors
    /// It is no name of an image.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("invalid reference format");
        if text.len() > LONGEST {
            return Err(wrong());
        }
        let Some(parts) = GRAMMAR.captures(text) else {
            if GRAMMAR.is_match(&text.to_ascii_lowercase()) {
                let path = without_suffix(text);
                let library = if path.contains('/') { "" } else { "library/" };
                return Err(Error::invalid(format!(
                    "invalid reference format: repository name ({library}{path}) must be lowercase"
                )));
            }
            return Err(wrong());
        };
        let path = parts.name("path").ok_or_else(wrong)?.as_str();
        let name = match parts.name("domain").map(|domain| domain.as_str()) {
            None | Some("docker.io" | "index.docker.io") => path.strip_prefix("library/").unwrap_or(path).to_owned(),
            Some(domain) if is_domain(domain) => format!("{domain}/{path}"),
            Some(namespace) if namespace.chars().any(|c| c.is_ascii_uppercase()) => return Err(wrong()),
            Some("library") => path.to_owned(),
            Some(namespace) => format!("{namespace}/{path}"),
        };
        if is_digits(text) {
            return Err(Error::invalid(format!(
                "invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
            )));
        }
        if name.len() > LONGEST_NAME {
            return Err(Error::invalid(
                "invalid reference format: repository name must not be more than 255 characters",
            ));
        }
        let tag = parts.name("tag").map(|tag| tag.as_str().to_owned());
        let (suffix, idle_tag) = match parts.name("digest") {
            Some(digest) => (Suffix::Digest(digest.as_str().to_owned()), tag),
            None => (Suffix::Tag(tag.unwrap_or_else(|| "latest".to_owned())), None),
        };
        Ok(Self { name, suffix, idle_tag })
    }

    /// The name that an image is to get: a repository, and a tag that counts more than one in the repository.
    ///
    /// # Errors
    /// One of them is none, or it would be a digest, which can't be given.
    pub fn to_tag(repository: &str, tag: Option<&str>) -> Result<Self> {
        let named = Self::parse(repository)?;
        if named.digest().is_some() {
            return Err(Error::invalid("cannot import digest reference"));
        }
        match tag {
            Some(tag) if tag.starts_with("sha256:") => Err(Error::invalid("invalid tag format")),
            Some(tag) => named.with_suffix(tag).map_err(|_| Error::invalid("invalid tag format")),
            None => Ok(named),
        }
    }

    /// The same, where a client may leave the name out.
    ///
    /// # Errors
    /// As [`Self::to_tag`].
    pub fn of(repository: Option<&str>, tag: Option<&str>) -> Result<Option<Self>> {
        repository.map(|repository| Self::to_tag(repository, tag)).transpose()
    }

    /// Whether a client's text says neither a tag nor a digest.
    pub(crate) fn is_name_only(text: &str) -> bool {
        let last = text.rsplit_once('/').map_or(text, |(_, last)| last);
        !last.contains([':', '@'])
    }

    /// The same name with another tag, or another digest.
    pub(crate) fn with_suffix(&self, tag_or_digest: &str) -> Result<Self> {
        let separator = if tag_or_digest.starts_with("sha256:") { '@' } else { ':' };
        Self::parse(&format!("{}{separator}{tag_or_digest}", self.name))
    }

    /// As Docker repeats what it was asked for: with the tag, even where a digest says which image is meant.
    pub(crate) fn as_asked(&self) -> String {
        match (&self.suffix, &self.idle_tag) {
            (Suffix::Digest(digest), Some(tag)) => format!("{}:{tag}@{digest}", self.name),
            _ => self.to_string(),
        }
    }

    /// `None` for one with a tag.
    pub(crate) fn digest(&self) -> Option<&str> {
        match &self.suffix {
            Suffix::Digest(digest) => Some(digest),
            Suffix::Tag(_) => None,
        }
    }

    /// Without tag or digest, as Docker shows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the registry calls it, without the registry: `library/debian`.
    pub(crate) fn path(&self) -> String {
        match self.name.split_once('/') {
            Some((domain, path)) if is_domain(domain) => path.to_owned(),
            Some(_) => self.name.clone(),
            None => format!("library/{}", self.name),
        }
    }

    /// Which registry it is in: `docker.io` if the name says none.
    pub(crate) fn registry(&self) -> &str {
        match self.name.split_once('/') {
            Some((domain, _)) if domain == "localhost" || domain.contains(['.', ':']) => domain,
            _ => DOCKER_HUB,
        }
    }

    /// With the registry, whatever the name says: `docker.io/library/debian`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.registry(), self.path())
    }

    /// The whole of it, with what is not shown: by this Docker sorts.
    pub(crate) fn canonical(&self) -> String {
        match &self.suffix {
            Suffix::Tag(tag) => format!("{}:{tag}", self.full_name()),
            Suffix::Digest(digest) => format!("{}@{digest}", self.full_name()),
        }
    }

    /// `None` for one with a digest.
    pub(crate) fn tag(&self) -> Option<&str> {
        match &self.suffix {
            Suffix::Tag(tag) => Some(tag),
            Suffix::Digest(_) => None,
        }
    }
}

/// Whether what is before the first slash is a registry, and not a part of the path.
fn is_domain(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':'])
}

/// An image's name as Docker shows it, `debian:latest`; `None`: it is none.
pub fn shown_name(text: &str) -> Option<String> {
    Reference::parse(text).ok().map(|reference| reference.to_string())
}

/// Without tag and digest.
fn without_suffix(text: &str) -> &str {
    let text = text.split('@').next().unwrap_or(text);
    match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => text,
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.suffix {
            Suffix::Tag(tag) => write!(f, "{}:{tag}", self.name),
            Suffix::Digest(digest) => write!(f, "{}@{digest}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    #[test]
    fn names_are_shown_as_docker_shows_them() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (given, shown) in [
            ("debian", "debian:latest"),
            ("debian:13", "debian:13"),
            ("library/debian", "debian:latest"),
            ("docker.io/debian", "debian:latest"),
            ("docker.io/library/debian:13", "debian:13"),
            ("index.docker.io/library/debian", "debian:latest"),
            ("docker.io/bitnami/redis", "bitnami/redis:latest"),
            ("bitnami/redis", "bitnami/redis:latest"),
            ("lernhafen/workstation", "lernhafen/workstation:latest"),
            ("localhost/a", "localhost/a:latest"),
            ("localhost:5000/a", "localhost:5000/a:latest"),
            ("ghcr.io/library/a/b:V1", "ghcr.io/library/a/b:V1"),
            ("a__b.c-d", "a__b.c-d:latest"),
        ] {
            assert_eq!(Reference::parse(given).unwrap().to_string(), shown, "{given}");
        }
        let with_both = Reference::parse(&format!("debian:13@{digest}")).unwrap();
        assert_eq!(with_both.to_string(), format!("debian@{digest}"));
        assert_eq!(with_both.as_asked(), format!("debian:13@{digest}"));
    }

    #[test]
    fn a_name_to_give_is_a_repository_and_a_tag() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let given = |repository: &str, tag: Option<&str>| {
            Reference::to_tag(repository, tag).map(|name| name.to_string()).map_err(|error| error.message)
        };
        assert_eq!(given("docker.io/library/a:1", None), Ok("a:1".into()));
        assert_eq!(given("a:1", Some("2")), Ok("a:2".into()));
        for (repository, tag, message) in [
            ("a", Some("b/c"), "invalid tag format"),
            ("a", Some(digest.as_str()), "invalid tag format"),
            (&format!("a@{digest}"), None, "cannot import digest reference"),
            ("a b", None, "invalid reference format"),
        ] {
            assert_eq!(given(repository, tag), Err(message.to_owned()), "{repository} {tag:?}");
        }
        let id = &digest["sha256:".len()..];
        assert!(given(id, None).is_err_and(|message| message.contains("64-byte hexadecimal")));
    }

    #[test]
    fn docker_sorts_by_the_whole_name() {
        let mut names: Vec<Reference> = ["localhost/a", "mine/z", "nginx", "docker.io/b", "a.b/c"]
            .map(|name| Reference::parse(name).unwrap())
            .into();
        names.sort_by_key(Reference::canonical);
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["a.b/c:latest", "b:latest", "nginx:latest", "mine/z:latest", "localhost/a:latest"]);
    }

    #[test]
    fn registries_know_them_by_their_paths() {
        for (given, registry, path) in [
            ("debian", "docker.io", "library/debian"),
            ("docker.io/bitnami/redis:7", "docker.io", "bitnami/redis"),
            ("localhost:5000/alpine", "localhost:5000", "alpine"),
            ("ghcr.io/a/b", "ghcr.io", "a/b"),
        ] {
            let reference = Reference::parse(given).unwrap();
            assert_eq!((reference.registry(), reference.path().as_str()), (registry, path), "{given}");
            assert_eq!(reference.full_name(), format!("{registry}/{path}"));
        }
    }

    #[test]
    fn tags_and_digests_are_told_from_a_registrys_port() {
        for (given, is_name_only) in [("a", true), ("localhost:5000/a", true), ("localhost:5000/a:1", false)] {
            assert_eq!(Reference::is_name_only(given), is_name_only, "{given}");
        }
        let digest = format!("sha256:{}", "0".repeat(64));
        let named = Reference::parse("localhost:5000/a:1").unwrap();
        assert_eq!(named.with_suffix("2").unwrap().to_string(), "localhost:5000/a:2");
        assert_eq!(named.with_suffix(&digest).unwrap().to_string(), format!("localhost:5000/a@{digest}"));
        assert!(named.with_suffix("a/b").is_err());
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for given in [
            "",
            " ",
            "/a",
            "a/",
            "a:",
            "a:b:c",
            "a..b",
            "-a",
            "a@sha256:12",
            "a\n",
            "../a",
            "a:.b",
            "ä",
            &"a".repeat(300),
            &"a/".repeat(100_000),
        ] {
            let error = Reference::parse(given).unwrap_err();
            assert_eq!(error.kind, crate::ErrorKind::InvalidParameter);
        }
        assert!(Reference::parse("Debian").unwrap_err().message.contains("must be lowercase"));
    }
}
