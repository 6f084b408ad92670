//! Signals as users write them.

use crate::{Error, Result};
use nix::sys::signal::Signal;
use std::str::FromStr;

/// The highest real-time signal.
const SIGRTMAX: i32 = 64;

/// The lowest that the C library leaves to programs; Docker counts from here.
const SIGRTMIN: i32 = 34;

/// A signal's number from `SIGTERM`, `term`, `RTMIN+3`, or `15`.
pub(crate) fn parse(name: &str) -> Result<i32> {
    let invalid = || Error::invalid(format!("invalid signal: {}", name.chars().take(40).collect::<String>()));
    if let Ok(number) = name.parse::<i64>().map(|number| i32::try_from(number).unwrap_or(-1)) {
        return match number {
            0 => Err(invalid()),
            1..=SIGRTMAX => Ok(number),
            _ => Err(Error::invalid(format!("the linux daemon does not support signal {name}"))),
        };
    }
    let upper = name.to_ascii_uppercase();
    let short = upper.strip_prefix("SIG").unwrap_or(&upper);
    let full = Signal::from_str(&format!("SIG{short}")).map(|signal| signal as i32);
    full.ok().or_else(|| real_time(short)).ok_or_else(invalid)
}

/// `RTMIN`, `RTMIN+1` to `+15`, `RTMAX-14` to `-1`, `RTMAX`: what Docker has names for.
fn real_time(name: &str) -> Option<i32> {
    let number = |digits: &str| digits.parse::<i32>().ok().filter(|_| !digits.starts_with(['+', '0']));
    match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
        (Some(""), _) => Some(SIGRTMIN),
        (Some(more), _) => number(more.strip_prefix('+')?).filter(|more| *more <= 15).map(|more| SIGRTMIN + more),
        (_, Some("")) => Some(SIGRTMAX),
        (_, Some(less)) => number(less.strip_prefix('-')?).filter(|less| *less <= 14).map(|less| SIGRTMAX - less),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_of_signals() {
        for (text, number) in
            [("SIGTERM", 15), ("term", 15), ("9", 9), ("WINCH", 28), ("RTMIN", 34), ("sigrtmin+3", 37), ("RTMAX-1", 63)]
        {
            assert_eq!(parse(text).ok(), Some(number), "{text}");
        }
        for bad in ["", "0", "65", "-9", "SIGNOPE", "SIG", "RTMIN+16", "RTMIN-1", "RTMIN++1", "RTMAX-15"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
