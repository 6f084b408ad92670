//! Time as the engine keeps it: nanoseconds since the epoch.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, in nanoseconds since the epoch. A clock before 1970 counts as 1970; `i64` lasts until 2262.
pub(crate) fn now() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX)
}

/// Nanoseconds since the epoch of a time as RFC 3339 writes it; 0 if it is none, or too far from now.
pub(crate) fn parse_rfc3339(text: &str) -> i64 {
    let time = text.parse::<jiff::Timestamp>().ok();
    time.and_then(|time| i64::try_from(time.as_nanosecond()).ok()).unwrap_or(0)
}
