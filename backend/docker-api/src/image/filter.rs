//! The filters of `docker images`, as clients write them; errors in Docker's words.

use crate::error::Reply;
use crate::query::{boolean, unknown_filter};
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
