//! Names of containers: Docker's rule, and names made up for those who give none.

use crate::id::random;
use crate::{Error, Result};

/// Checks a name by Docker's rule, `/?[a-zA-Z0-9][a-zA-Z0-9_.-]+`, and takes its slash off. It may be as long as a
/// request's line.
pub(crate) fn check(name: &str) -> Result<String> {
    let bare = name.strip_prefix('/').unwrap_or(name);
    let mut letters = bare.bytes();
    let first = letters.next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    if first && rest && bare.len() >= 2 {
        return Ok(bare.to_owned());
    }
    let shown: String = name.chars().take(80).filter(|letter| !letter.is_control()).collect();
    Err(Error::invalid(format!("Invalid container name ({shown}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")))
}

/// Makes up a name that is not in use: `flinke_möwe` would be nice, but Docker's rule wants ASCII.
pub(crate) fn generate(in_use: impl Fn(&str) -> bool) -> Result<String> {
    for attempt in 0u32.. {
        let [a, b] = random()?;
        let name = format!("{}_{}", pick(&ADJECTIVES, a), pick(&NOUNS, b));
        let name = if attempt < 8 { name } else { format!("{name}{attempt}") };
        if !in_use(&name) {
            return Ok(name);
        }
    }
    Err(Error::system("no container name is free"))
}

fn pick<'a>(words: &[&'a str], byte: u8) -> &'a str {
    words[usize::from(byte) % words.len()]
}

const ADJECTIVES: [&str; 32] = [
    "blaue", "bunte", "flinke", "frische", "frohe", "grosse", "gute", "helle", "hohe", "junge", "kluge", "kleine",
    "kuehle", "lange", "leise", "milde", "muntere", "mutige", "nette", "neue", "ruhige", "runde", "sanfte", "schlaue",
    "schnelle", "sichere", "starke", "stille", "tapfere", "wache", "weite", "zarte",
];

const NOUNS: [&str; 32] = [
    "auster",
    "bake",
    "barkasse",
    "boje",
    "brigg",
    "brise",
    "dschunke",
    "duene",
    "ebbe",
    "faehre",
    "flagge",
    "flut",
    "fregatte",
    "gischt",
    "insel",
    "jacht",
    "jolle",
    "kogge",
    "kombuese",
    "krabbe",
    "laterne",
    "leine",
    "luke",
    "moewe",
    "mole",
    "muschel",
    "planke",
    "robbe",
    "schaluppe",
    "schleuse",
    "welle",
    "werft",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_follow_dockers_rule() {
        for good in ["test", "a1", "A_b.c-d", "9lives", "/ab", &"x".repeat(256)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "-a", "_a", "ä1", "a b", "a/b", "a\nb", "//ab", "/"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn made_up_names_are_allowed_and_avoid_those_in_use() {
        let first = generate(|_| false).unwrap();
        check(&first).unwrap();
        let taken = std::cell::Cell::new(20);
        let name = generate(|_| taken.replace(taken.get().max(1) - 1) > 0).unwrap();
        assert!(name.ends_with(|last: char| last.is_ascii_digit()), "{name}: after many tries a number is added");
    }
}
