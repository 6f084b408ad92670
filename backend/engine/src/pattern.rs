//! Names as filters ask for them.

use regex::{Regex, RegexBuilder};

/// A regular expression that is looked for in names and ids; what is none is found nowhere.
#[derive(Debug, Clone)]
pub struct Pattern(Option<Regex>);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(RegexBuilder::new(text).size_limit(1 << 20).build().ok())
    }

    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|pattern| pattern.is_match(text))
    }
}
