//! What a token is to allow.

use std::collections::BTreeSet;
use std::fmt;

/// A set like `repository:library/debian:pull`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scopes(BTreeSet<String>);

/// More than any registry wants at once.
const MOST: usize = 16;

impl Scopes {
    pub(crate) fn pull(path: &str) -> Self {
        Self::of(path, "pull")
    }

    pub(crate) fn push(path: &str) -> Self {
        Self::of(path, "pull,push")
    }

    pub(crate) fn delete(path: &str) -> Self {
        Self::of(path, "delete,pull")
    }

    /// With what a challenge names, as far as that is bearable.
    pub(crate) fn with_named(&self, named: &str) -> Self {
        let mut all = self.clone();
        for scope in named.split_whitespace().take(MOST) {
            all.0.insert(scope.to_owned());
        }
        all
    }

    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    fn of(path: &str, actions: &str) -> Self {
        Self(BTreeSet::from([format!("repository:{path}:{actions}")]))
    }
}

/// As the body of a form has them: with spaces between.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}
