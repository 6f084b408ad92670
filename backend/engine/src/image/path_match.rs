//! Go's `path.Match`, with which Docker compares names of images.

use crate::{Error, Result};

/// One piece of a pattern.
#[derive(Debug)]
enum Piece {
    /// `*`: any letters but a slash.
    Many,
    /// `?`: any letter but a slash.
    One,
    /// `[a-z]`, `[^a-z]`.
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
    Letter(char),
}

/// A pattern that has been read.
#[derive(Debug)]
pub struct NamePattern(Vec<Piece>);

impl NamePattern {
    /// # Errors
    /// A class or an escape has no end. (Go says so only where it gets that far.)
    pub fn parse(text: &str) -> Result<Self> {
        let mut letters = text.chars().peekable();
        let mut pieces = Vec::new();
        while let Some(letter) = letters.next() {
            pieces.push(match letter {
                '*' => Piece::Many,
                '?' => Piece::One,
                '\\' => Piece::Letter(letters.next().ok_or_else(bad)?),
                '[' => {
                    let not = letters.next_if_eq(&'^').is_some();
                    let mut ranges = Vec::new();
                    while ranges.is_empty() || letters.next_if_eq(&']').is_none() {
                        let first = class_letter(&mut letters)?;
                        let last = match letters.next_if_eq(&'-') {
                            Some(_) => class_letter(&mut letters)?,
                            None => first,
                        };
                        ranges.push((first, last));
                    }
                    Piece::Class { not, ranges }
                }
                letter => Piece::Letter(letter),
            });
        }
        Ok(Self(pieces))
    }

    /// Whether the whole text is of this pattern. Takes at most pattern × text steps, whatever the pattern.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let mut reached = vec![false; text.len() + 1];
        reached[0] = true;
        for piece in &self.0 {
            let mut next = vec![false; text.len() + 1];
            for index in (0..=text.len()).filter(|index| reached[*index]) {
                if matches!(piece, Piece::Many) {
                    let letters = text[index..].iter().take_while(|letter| **letter != '/').count();
                    next[index..=index + letters].fill(true);
                } else if text.get(index).is_some_and(|letter| piece.takes(*letter)) {
                    next[index + 1] = true;
                }
            }
            reached = next;
        }
        reached[text.len()]
    }
}

impl Piece {
    fn takes(&self, letter: char) -> bool {
        match self {
            Self::Many => false,
            Self::One => letter != '/',
            Self::Class { not, ranges } => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter)) != *not
            }
            Self::Letter(wanted) => *wanted == letter,
        }
    }
}

/// In Go's words.
fn bad() -> Error {
    Error::invalid("syntax error in pattern")
}

fn class_letter(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char> {
    match letters.next() {
        None | Some('-' | ']') => Err(bad()),
        Some('\\') => letters.next().ok_or_else(bad),
        Some(letter) => Ok(letter),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::*;

    #[test]
    fn it_is_gos() {
        // From the tests of Go's own `path.Match`; a slash in a class counts there, too.
        for (pattern, text, matches) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "aäb", true),
            ("a?b", "a/b", false),
            ("a[^a]b", "aäb", true),
            ("a*", "", false),
            ("*x", "xxx", true),
            ("[\\]a]", "]", true),
            ("[x\\-]", "-", true),
            ("[ab]", "", false),
            ("", "", true),
        ] {
            assert_eq!(NamePattern::parse(pattern).unwrap().matches(text), matches, "{pattern} {text}");
        }
        for bad in ["[", "a[", "[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[^", "[a", "[\\"] {
            assert!(NamePattern::parse(bad).is_err(), "{bad}");
        }
        assert!(!NamePattern::parse(&"*a".repeat(2000)).is_ok_and(|found| found.matches(&"a".repeat(1000))));
    }
}
