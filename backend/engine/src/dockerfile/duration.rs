//! Durations as Go reads them: `1m30s`, `1.5h`, `100ms`.

use crate::{Error, Result};

const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// In nanoseconds.
pub(super) fn parse(text: &str) -> Result<i64> {
    let invalid = || Error::invalid(format!("time: invalid duration {text:?}"));
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        if unit.is_empty() {
            return Err(Error::invalid(format!("time: missing unit in duration {text:?}")));
        }
        let unknown = || Error::invalid(format!("time: unknown unit {unit:?} in duration {text:?}"));
        let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(unknown)?;
        total += number * nanos;
        rest = after;
    }
    #[expect(clippy::cast_possible_truncation, reason = "it is checked to fit")]
    if total < 9.2e18 { Ok((sign * total).round() as i64) } else { Err(invalid()) }
}
