//! The filters of `docker images`, as clients write them; errors in Docker's words.

use crate::error::{Error, Reply};
use crate::query::unknown_filter;
use crate::time::{now, parse_until};
use engine::image::{ImageFilter, NamePattern};

pub(super) fn parse(filters: Vec<(String, Vec<String>)>, all: bool) -> Reply<ImageFilter> {
    let mut filter = ImageFilter { all, ..ImageFilter::default() };
    for (name, values) in filters {
        match name.as_str() {
            "before" => filter.before = values,
            "dangling" => filter.dangling = Some(boolean("dangling", &values)?),
            "label" => filter.labels = values,
            "reference" => {
                let patterns = values.iter().map(|value| NamePattern::parse(value));
                filter.references = Some(patterns.collect::<engine::Result<_>>()?);
            }
            "since" => filter.since = values,
            "until" => {
                let times = values.iter().map(|value| parse_until(value, now()));
                filter.until = times.collect::<Reply<Vec<_>>>()?.into_iter().min();
            }
            _ => return Err(unknown_filter(&name)),
        }
    }
    Ok(filter)
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
