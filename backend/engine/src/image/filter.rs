//! The filters of `docker images`.

use super::path_match::NamePattern;
use crate::store::ImageSummary;

/// Which images. Of references one must match, of everything else every value.
#[derive(Debug, Default)]
pub struct ImageFilter {
    /// Also those that others were made of, and that have no name.
    pub all: bool,
    /// Whether it has no tag, and nothing was made of it.
    pub dangling: Option<bool>,
    /// `name` or `name=value`
    pub labels: Vec<String>,
    /// `name`, `name:tag` or `name@digest`.
    pub references: Option<Vec<NamePattern>>,
    /// Made before, or after, these images.
    pub before: Vec<String>,
    pub since: Vec<String>,
    /// Made before this time, in nanoseconds since the epoch.
    pub until: Option<i64>,
}

impl ImageFilter {
    /// An image with the names that it is shown with; `None`: it isn't shown. The times are those of the images in the filter.
    pub(super) fn shown(
        &self,
        mut summary: ImageSummary,
        before: Option<i64>,
        since: Option<i64>,
    ) -> Option<ImageSummary> {
        let image = &mut summary.image;
        let before = before.into_iter().chain(self.until).min();
        let fits = before.is_none_or(|time| image.config.created.is_some() && image.created < time)
            && since.is_none_or(|time| image.created > time)
            && self.labels.iter().all(|label| image.has_label(label));
        if let Some(patterns) = &self.references {
            let fits = |name: &String| patterns.iter().any(|pattern| refers(pattern, name));
            image.repo_tags.retain(fits);
            image.repo_digests.retain(fits);
        }
        let fits = fits
            && match (image.repo_tags.is_empty(), image.repo_digests.is_empty()) {
                (true, true) => {
                    (self.all || !summary.is_parent) && self.dangling != Some(false) && self.references.is_none()
                }
                (no_tags, _) => no_tags || self.dangling != Some(true),
            };
        // What others were made of is not dangling, even if it has no name.
        (fits && !(self.dangling == Some(true) && summary.is_parent)).then_some(summary)
    }
}

/// Whether a pattern means this `name:tag` or `name@digest`: the whole, or the name alone.
fn refers(pattern: &NamePattern, name: &str) -> bool {
    let repository = name.split_once('@').or_else(|| name.rsplit_once(':')).map_or(name, |(repository, _)| repository);
    pattern.matches(name) || pattern.matches(repository)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::store::Image;
    use crate::testing::image;

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
            assert_eq!(refers(&NamePattern::parse(pattern).unwrap(), name), matches, "{pattern} {name}");
        }
    }

    fn summary(tags: &[&str], digests: &[&str], is_parent: bool) -> ImageSummary {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let image = Image { repo_tags: owned(tags), repo_digests: owned(digests), ..image() };
        ImageSummary { image, containers: 0, is_parent }
    }

    fn shown(filter: &ImageFilter, summary: &ImageSummary) -> bool {
        filter.shown(summary.clone(), None, None).is_some()
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
            let filter = ImageFilter { all, dangling, ..ImageFilter::default() };
            let shown = [&tagged, &digested, &bare, &between].map(|summary| shown(&filter, summary));
            assert_eq!(shown, expected, "{all} {dangling:?}");
        }
        let filter = ImageFilter { references: Some(vec![NamePattern::parse("b").unwrap()]), ..ImageFilter::default() };
        assert!(!shown(&filter, &tagged) && !shown(&filter, &bare));
    }
}
