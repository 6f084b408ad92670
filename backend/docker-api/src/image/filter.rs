//! Which images `docker images` shows.

use super::path_match::Pattern;
use crate::error::{Error, Reply};
use crate::query::unknown_filter;
use crate::time::{now, parse_until};
use engine::VirtualHost;
use engine::image::{Image, ImageSummary};

/// Of references one must match, of everything else every value.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Also those that others were made of, and that have no name.
    all: bool,
    dangling: Option<bool>,
    labels: Vec<String>,
    references: Option<Vec<Pattern>>,
    /// Made before, or after, an image that was made then.
    before: Option<i64>,
    since: Option<i64>,
}

/// An image's names, as far as they were asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) tags: Vec<String>,
    pub(super) digests: Vec<String>,
}

impl Filter {
    pub(super) fn new(filters: Vec<(String, Vec<String>)>, all: bool, host: &VirtualHost) -> Reply<Self> {
        let mut filter = Self { all, ..Self::default() };
        let made = |name: &String| -> Reply<i64> { Ok(host.image(name)?.created) };
        for (name, values) in filters {
            match name.as_str() {
                "dangling" => filter.dangling = Some(boolean("dangling", &values)?),
                "label" => filter.labels = values,
                "reference" => {
                    let patterns = values.iter().map(|value| Pattern::parse(value));
                    let patterns = patterns.collect::<Result<_, _>>();
                    filter.references = Some(patterns.map_err(|_| Error::bad("syntax error in pattern"))?);
                }
                "before" => filter.before(&values.iter().map(made).collect::<Reply<Vec<_>>>()?),
                "until" => {
                    let times = values.iter().map(|value| parse_until(value, now()));
                    filter.before(&times.collect::<Reply<Vec<_>>>()?);
                }
                "since" => filter.since = values.iter().map(made).collect::<Reply<Vec<_>>>()?.into_iter().max(),
                _ => return Err(unknown_filter(&name)),
            }
        }
        Ok(filter)
    }

    fn before(&mut self, times: &[i64]) {
        self.before = self.before.into_iter().chain(times.iter().copied()).min();
    }

    /// The names that an image is shown with; `None`: it isn't shown.
    pub(super) fn shown(&self, summary: &ImageSummary) -> Option<Names> {
        let image = &summary.image;
        let fits = self.before.is_none_or(|time| image.config.created.is_some() && image.created < time)
            && self.since.is_none_or(|time| image.created > time)
            && self.labels.iter().all(|label| image.has_label(label));
        let names = self.names(image);
        let fits = fits
            && match (names.tags.is_empty(), names.digests.is_empty()) {
                (true, true) => {
                    (self.all || !summary.is_parent) && self.dangling != Some(false) && self.references.is_none()
                }
                (no_tags, _) => no_tags || self.dangling != Some(true),
            };
        // What others were made of is not dangling, even if it has no name.
        (fits && !(self.dangling == Some(true) && summary.is_parent)).then_some(names)
    }

    fn names(&self, image: &Image) -> Names {
        let fits = |name: &&String| {
            self.references.as_ref().is_none_or(|patterns| patterns.iter().any(|pattern| refers(pattern, name)))
        };
        Names {
            tags: image.repo_tags.iter().filter(fits).cloned().collect(),
            digests: image.repo_digests.iter().filter(fits).cloned().collect(),
        }
    }
}

/// A truth value, as Docker finds it among what else a client sends.
pub(super) fn boolean(filter: &str, values: &[String]) -> Reply<bool> {
    let has = |words: [&str; 2]| values.iter().any(|value| words.contains(&value.as_str()));
    match (has(["true", "1"]), has(["false", "0"])) {
        (true, false) => Ok(true),
        (false, true) => Ok(false),
        _ if values.is_empty() => Err(unknown_filter(filter)),
        _ => {
            let mut values = values.to_vec();
            values.sort_unstable();
            Err(Error::bad(format!("invalid filter '{filter}=[{}]'", values.join(" "))))
        }
    }
}

/// Whether a pattern means this `name:tag` or `name@digest`: the whole, or the name alone.
fn refers(pattern: &Pattern, name: &str) -> bool {
    let repository = name.split_once('@').or_else(|| name.rsplit_once(':')).map_or(name, |(repository, _)| repository);
    pattern.matches(name) || pattern.matches(repository)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn references_are_names_with_or_without_tags() {
        for (pattern, name, matches) in [
            ("debian", "debian:latest", true),
            ("debian:latest", "debian:latest", true),
            ("deb*", "debian:latest", true),
            ("*:latest", "debian:latest", true),
            ("d?bian", "debian:12", true),
            ("debian:13", "debian:12", false),
            ("deb", "debian:12", false),
            ("*", "a/b:1", false),
            ("*/*", "a/b:1", true),
            ("a?b", "a/b:1", false),
            ("a", "a@sha256:0", true),
            ("localhost:5000/a", "localhost:5000/a:1", true),
        ] {
            assert_eq!(refers(&Pattern::parse(pattern).unwrap(), name), matches, "{pattern} {name}");
        }
    }

    fn summary(tags: &[&str], digests: &[&str], is_parent: bool) -> ImageSummary {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let image = Image { repo_tags: owned(tags), repo_digests: owned(digests), ..Image::default() };
        ImageSummary { image, containers: 0, is_parent }
    }

    #[test]
    fn what_is_dangling_has_no_tag_and_is_nobodys_parent() {
        let tagged = summary(&["a:1"], &["a@sha256:0"], true);
        let digested = summary(&[], &["a@sha256:0"], false);
        let (bare, between) = (summary(&[], &[], false), summary(&[], &[], true));
        for (all, dangling, expected) in [
            (false, None, [true, true, true, false]),
            (true, None, [true, true, true, true]),
            (false, Some(true), [false, true, true, false]),
            (true, Some(true), [false, true, true, false]),
            (true, Some(false), [true, true, false, false]),
        ] {
            let filter = Filter { all, dangling, ..Filter::default() };
            let shown = [&tagged, &digested, &bare, &between].map(|summary| filter.shown(summary).is_some());
            assert_eq!(shown, expected, "{all} {dangling:?}");
        }
        let filter = Filter { references: Some(vec![Pattern::parse("b").unwrap()]), ..Filter::default() };
        assert!(filter.shown(&tagged).is_none() && filter.shown(&bare).is_none());
    }
}
