//! The rules of the tree that no other tool knows: each reads the project's files and says what breaks it.

mod allow;
mod conventions;
mod crates;
mod docker_api;
mod german;
mod length;
mod modules;
mod places;
mod readme;
mod unsafe_code;

use crate::tree::{self, File};
use anyhow::{Result, bail};

/// A rule: what it finds wrong, one sentence each, beginning with the file's path.
type Rule = fn(&[File]) -> Vec<String>;

const RULES: &[Rule] = &[
    allow::check,
    conventions::check,
    crates::check,
    docker_api::check,
    german::check,
    length::check,
    modules::check,
    places::check,
    readme::check,
    unsafe_code::check,
];

pub(crate) fn check() -> Result<()> {
    let files = tree::files()?;
    let complaints: Vec<String> = RULES.iter().flat_map(|rule| rule(&files)).collect();
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    if complaints.is_empty() {
        return Ok(());
    }
    bail!("{} places break the rules of the tree", complaints.len());
}

/// The files with one of the endings, like `.rs`.
fn ending<'a>(files: &'a [File], endings: &'a [&str]) -> impl Iterator<Item = &'a File> {
    files.iter().filter(move |file| endings.iter().any(|ending| file.path.ends_with(ending)))
}

/// The lines of a file with their numbers, from 1.
fn lines(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// The part of a line of Rust before a comment. Good enough for lines whose strings have no `//`.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may break")]

    /// The rules hold for the tree as it is.
    #[test]
    fn the_tree_is_in_order() {
        super::check().unwrap();
    }
}
