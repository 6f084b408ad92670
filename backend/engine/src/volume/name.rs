//! Names of volumes: Docker's rule, in Docker's words.

use crate::{Error, Result};

/// The longest that a directory can have.
const LONGEST: usize = 255;

/// # Errors
/// It is none.
pub(super) fn check(name: &str) -> Result<()> {
    if name.len() == 1 {
        return Err(Error::invalid(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        )));
    }
    let mut letters = name.bytes();
    let first = letters.next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let rest = letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    let shown: String = name.chars().take(80).filter(|letter| !letter.is_control()).collect();
    if !first || !rest {
        return Err(Error::invalid(format!(
            "create {shown}: \"{shown}\" includes invalid characters for a local volume name, only \
             \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
        )));
    }
    if name.len() > LONGEST {
        return Err(Error::invalid(format!("create {shown}…: a volume's name has at most {LONGEST} characters")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_dockers_rule() {
        for good in ["daten", "a1", "A_b.c-d", "9x", &"x".repeat(255)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "-a", "..", ".a", "a/b", "a b", "ä1", "a\nb", &"x".repeat(256)] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
