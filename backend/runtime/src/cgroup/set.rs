//! Lists of processors or memory nodes, as the kernel writes them.

use crate::failure::{Result, invalid};
use std::collections::BTreeSet;

/// More processors or memory nodes than Linux can have.
const MAX_LISTED: u32 = 8192;

/// The members of a list like `0-3,7`; `None` if it is none.
pub fn parse_set(list: &str) -> Option<BTreeSet<u32>> {
    let number = |text: &str| text.trim().parse().ok().filter(|&number: &u32| number < MAX_LISTED);
    let mut members = BTreeSet::new();
    for range in list.split(',').filter(|_| !list.is_empty()) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        match (number(first)?, number(last)?) {
            (first, last) if first <= last => members.extend(first..=last),
            _ => return None,
        }
    }
    Some(members)
}

/// A list, written as the kernel will write it.
pub(super) fn normalized(asked: &Option<String>) -> Result<Option<String>> {
    let Some(asked) = asked.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
    let members = parse_set(asked)
        .ok_or_else(|| invalid(format!("{asked:?} is not a list of processors or memory nodes like 0-3,7")))?;
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for member in members {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == member => *last = member,
            _ => ranges.push((member, member)),
        }
    }
    let written = ranges.into_iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    Ok(Some(written.collect::<Vec<_>>().join(",")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lists_are_written_as_the_kernel_does() {
        let written = |text: &str| normalized(&Some(text.to_owned()));
        assert_eq!(written("0,1").unwrap().unwrap(), "0-1");
        assert_eq!(written("7,0-2, 2,4").unwrap().unwrap(), "0-2,4,7");
        assert_eq!(written("").unwrap(), None);
        for wrong in ["a", "3-1", "0-99999999999", "1-", ",", "-1"] {
            assert!(written(wrong).is_err(), "{wrong}");
        }
    }
}
