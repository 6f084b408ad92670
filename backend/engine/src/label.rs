//! Labels as filters ask for them, whatever has them.

use std::collections::BTreeMap;

/// Whether these are what was asked for: `name`, or `name=value`.
pub(crate) fn has(labels: &BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((name, value)) => labels.get(name).is_some_and(|own| own == value),
        None => labels.contains_key(wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_asked_for_with_or_without_its_value() {
        let labels = BTreeMap::from([("color".to_owned(), "a=b".to_owned())]);
        for (wanted, expected) in
            [("color", true), ("color=a=b", true), ("color=a", false), ("col", false), ("", false)]
        {
            assert_eq!(has(&labels, wanted), expected, "{wanted}");
        }
    }
}
