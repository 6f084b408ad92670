//! Which images `docker images` shows.

use crate::error::{Error, Reply};
use crate::query::unknown_filter;
use engine::VirtualHost;
use engine::image::Image;

/// Of each kind one value must match, and every kind must.
#[derive(Debug, Default)]
pub(super) struct Filter {
    dangling: Option<bool>,
    labels: Vec<String>,
    references: Vec<String>,
    /// Made before, or after, an image that was made then.
    before: Option<i64>,
    since: Option<i64>,
}

impl Filter {
    pub(super) fn new(filters: Vec<(String, Vec<String>)>, host: &VirtualHost) -> Reply<Self> {
        let mut filter = Self::default();
        let created =
            |names: &[String]| -> Reply<Vec<i64>> { names.iter().map(|name| Ok(host.image(name)?.created)).collect() };
        for (name, values) in filters {
            match name.as_str() {
                "dangling" => filter.dangling = Some(boolean(&values)?),
                "label" => filter.labels = values,
                "reference" => filter.references = values,
                "before" => filter.before = created(&values)?.into_iter().min(),
                "since" => filter.since = created(&values)?.into_iter().max(),
                "until" => return Err(Error::not_yet("`docker images --filter until`")),
                _ => return Err(unknown_filter(&name)),
            }
        }
        Ok(filter)
    }

    pub(super) fn matches(&self, image: &Image) -> bool {
        self.dangling.is_none_or(|dangling| image.repo_tags.is_empty() == dangling)
            && self.before.is_none_or(|time| image.created < time)
            && self.since.is_none_or(|time| image.created > time)
            && self.labels.iter().all(|label| has_label(image, label))
            && (self.references.is_empty()
                || self.references.iter().any(|pattern| image.repo_tags.iter().any(|tag| refers(pattern, tag))))
    }
}

fn boolean(values: &[String]) -> Reply<bool> {
    match values {
        [value] if matches!(value.as_str(), "true" | "1") => Ok(true),
        [value] if matches!(value.as_str(), "false" | "0") => Ok(false),
        _ => Err(Error::bad(format!("invalid filter 'dangling=[{}]'", values.join(" ")))),
    }
}

fn has_label(image: &Image, label: &str) -> bool {
    let Some(labels) = &image.config.config.labels else { return false };
    match label.split_once('=') {
        Some((name, value)) => labels.get(name).is_some_and(|found| found == value),
        None => labels.contains_key(label),
    }
}

/// Whether a pattern means this `name:tag`: the whole, or the name alone.
fn refers(pattern: &str, tag: &str) -> bool {
    let name = tag.rsplit_once(':').map_or(tag, |(name, _)| name);
    glob(pattern.as_bytes(), tag.as_bytes()) || glob(pattern.as_bytes(), name.as_bytes())
}

/// `*` and `?` as in a shell: neither crosses a slash. Takes at most pattern × text steps, whatever the pattern.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for wanted in pattern {
        let mut next = vec![false; text.len() + 1];
        for (index, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
            match wanted {
                b'*' => {
                    let end =
                        text[index..].iter().position(|byte| *byte == b'/').map_or(text.len(), |slash| index + slash);
                    next[index..=end].fill(true);
                }
                _ if index < text.len() && (text[index] == *wanted || (*wanted == b'?' && text[index] != b'/')) => {
                    next[index + 1] = true;
                }
                _ => {}
            }
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_names_with_or_without_tags() {
        for (pattern, tag, matches) in [
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
        ] {
            assert_eq!(refers(pattern, tag), matches, "{pattern} {tag}");
        }
    }
}
