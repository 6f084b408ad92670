//! Signals as users write them.

use crate::{Error, Result};
use nix::sys::signal::Signal;
use std::str::FromStr;

/// The highest real-time signal.
const SIGRTMAX: i32 = 64;

/// A signal's number from `SIGTERM`, `term`, or `15`.
pub(crate) fn parse(name: &str) -> Result<i32> {
    let invalid = || Error::invalid(format!("invalid signal: {}", name.chars().take(40).collect::<String>()));
    if let Ok(number) = name.parse::<i32>() {
        return if (1..=SIGRTMAX).contains(&number) { Ok(number) } else { Err(invalid()) };
    }
    let upper = name.to_ascii_uppercase();
    let full = if upper.starts_with("SIG") { upper } else { format!("SIG{upper}") };
    Signal::from_str(&full).map(|signal| signal as i32).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_of_signals() {
        for (text, number) in [("SIGTERM", 15), ("term", 15), ("9", 9), ("WINCH", 28)] {
            assert_eq!(parse(text).ok(), Some(number), "{text}");
        }
        for bad in ["", "0", "65", "-9", "SIGNOPE", "SIG"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
