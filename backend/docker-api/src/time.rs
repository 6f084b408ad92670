//! Times as Docker writes and reads them. Everywhere else they are nanoseconds since the epoch.

use crate::error::{Error, Reply};
use jiff::Timestamp;

const NANOS: i64 = 1_000_000_000;
const DAY: i64 = 24 * 60 * 60;

/// Nanoseconds since the epoch.
pub(crate) fn now() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}

/// RFC 3339 as Go writes it: no zeros at the end of the fraction; 0 is Go's zero time, "never".
pub(crate) fn rfc3339(nanos: i64) -> String {
    if nanos == 0 {
        return "0001-01-01T00:00:00Z".into();
    }
    timestamp(nanos).to_string()
}

/// A time that was written by somebody else, as Go writes it; `None` if it is none. Unlike [`rfc3339`] it knows of 1970.
pub(crate) fn go_rfc3339(text: &str) -> Option<String> {
    text.parse::<Timestamp>().ok().map(|time| time.to_string())
}

/// RFC 3339 with all nine digits of the fraction, as `docker logs --timestamps` aligns them.
pub(crate) fn rfc3339_fixed(nanos: i64) -> String {
    format!("{:.9}", timestamp(nanos))
}

/// RFC 3339 without a fraction, as Docker shows when a volume was made.
pub(crate) fn rfc3339_seconds(nanos: i64) -> String {
    format!("{:.0}", timestamp(nanos))
}

fn timestamp(nanos: i64) -> Timestamp {
    // Every number of nanoseconds in 64 bits is in jiff's range.
    Timestamp::from_nanosecond(nanos.into()).unwrap_or_default()
}

/// Reads `seconds` or `seconds.fraction` since the epoch; nothing is no time.
pub(crate) fn parse_timestamp(text: &str) -> Reply<Option<i64>> {
    // Docker's words for it, which are Go's.
    let bad = || Error::bad(format!("strconv.ParseInt: parsing {text:?}: invalid syntax"));
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if text.is_empty() {
        return Ok(None);
    }
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    let fraction: i64 = format!("{fraction:0<9}").parse().map_err(|_| bad())?;
    let seconds: i64 = seconds.parse().map_err(|_| bad())?;
    let nanos = seconds.checked_mul(NANOS).and_then(|nanos| nanos.checked_add(fraction)).ok_or_else(bad)?;
    Ok(Some(nanos))
}

/// Reads what `until` of a filter says: a time (`2026-01-31`, with or without the rest), seconds since the epoch, or how long ago
/// (`1h30m`, as Go writes it).
pub(crate) fn parse_until(text: &str, now: i64) -> Reply<i64> {
    let bad = || Error::bad(format!("failed to parse value as time or duration: {text:?}"));
    if let Some(ago) = go_duration(text) {
        return Ok(now.saturating_sub(ago));
    }
    if let Ok(Some(nanos)) = parse_timestamp(text) {
        return Ok(nanos);
    }
    let in_utc = |time| jiff::tz::TimeZone::UTC.to_timestamp(time);
    let time = text.parse::<Timestamp>().or_else(|_| text.parse().and_then(in_utc)).map_err(|_| bad())?;
    i64::try_from(time.as_nanosecond()).map_err(|_| bad())
}

/// Nanoseconds of a span like `1h30m` or `1.5s`.
fn go_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total = 0_f64;
    while !rest.is_empty() {
        let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, unit) = rest.split_at(end);
        let length = unit.find(|letter: char| letter.is_ascii_digit()).unwrap_or(unit.len());
        let (unit, after) = unit.split_at(length);
        let nanos = match unit {
            "h" => 3600e9,
            "m" => 60e9,
            "s" => 1e9,
            "ms" => 1e6,
            "us" | "µs" => 1e3,
            "ns" => 1.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * nanos;
        rest = after;
    }
    (!text.is_empty()).then_some(total as i64)
}

/// A span of time in a few words, as go-units' `HumanDuration` has them.
pub(crate) fn human_duration(nanos: i64) -> String {
    let seconds = nanos / NANOS;
    let minutes = seconds / 60;
    let hours = (seconds + 1800) / 3600;
    match (seconds, minutes, hours) {
        (i64::MIN..1, _, _) => "Less than a second".into(),
        (1, _, _) => "1 second".into(),
        (..60, _, _) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".into(),
        (_, ..60, _) => format!("{minutes} minutes"),
        (_, _, 1) => "About an hour".into(),
        (_, _, ..48) => format!("{hours} hours"),
        (_, _, ..336) => format!("{} days", hours / 24),
        (_, _, ..1440) => format!("{} weeks", hours / 24 / 7),
        (_, _, ..17520) => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", seconds / DAY / 365),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn times_are_written_as_go_does() {
        assert_eq!(rfc3339(0), "0001-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_645_009_612 * NANOS), "2022-02-16T11:06:52Z");
        assert_eq!(rfc3339(1_578_301_619_461_876_391), "2020-01-06T09:06:59.461876391Z");
        assert_eq!(rfc3339(1_578_301_619_640_000_000), "2020-01-06T09:06:59.64Z");
        assert_eq!(rfc3339_fixed(951_782_400 * NANOS), "2000-02-29T00:00:00.000000000Z");
        assert_eq!(rfc3339(-NANOS), "1969-12-31T23:59:59Z");
        assert_eq!(go_rfc3339("1970-01-01T00:00:00.000Z").unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(go_rfc3339("0001-01-01T00:00:00Z").unwrap(), "0001-01-01T00:00:00Z");
        assert_eq!(go_rfc3339("yesterday"), None);
        assert_eq!(rfc3339(1_796_083_199 * NANOS), "2026-11-30T23:59:59Z");
    }

    #[test]
    fn timestamps_are_read_with_fractions() {
        assert_eq!(parse_timestamp("").unwrap(), None);
        assert_eq!(parse_timestamp("0").unwrap(), Some(0));
        assert_eq!(parse_timestamp("12").unwrap(), Some(12 * NANOS));
        assert_eq!(parse_timestamp("12.000000005").unwrap(), Some(12 * NANOS + 5));
        assert_eq!(parse_timestamp("12.5").unwrap(), Some(12 * NANOS + NANOS / 2));
        for bad in ["x", "1.x", "1.-5", "1.0000000001", "99999999999999999999", "9999999999999", "1 "] {
            assert!(parse_timestamp(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_end_of_a_filter_is_a_time_or_a_span() {
        let now = 1_800_000_000 * NANOS;
        for (text, expected) in [
            ("1h30m", now - 5400 * NANOS),
            ("1.5s", now - NANOS * 3 / 2),
            ("1000000000", 1_000_000_000 * NANOS),
            ("2001-09-09T01:46:40Z", 1_000_000_000 * NANOS),
            ("2001-09-09", 999_993_600 * NANOS),
        ] {
            assert_eq!(parse_until(text, now).unwrap(), expected, "{text}");
        }
        let error = parse_until("bad", now).unwrap_err();
        assert_eq!(error.message, "failed to parse value as time or duration: \"bad\"");
    }

    #[test]
    fn durations_are_go_units() {
        let minute = 60;
        let hour = 60 * minute;
        let day = 24 * hour;
        for (seconds, words) in [
            (-5, "Less than a second"),
            (0, "Less than a second"),
            (1, "1 second"),
            (45, "45 seconds"),
            (minute, "About a minute"),
            (119, "About a minute"),
            (3 * minute, "3 minutes"),
            (35 * minute, "35 minutes"),
            (59 * minute, "59 minutes"),
            (hour, "About an hour"),
            (89 * minute, "About an hour"),
            (90 * minute, "2 hours"),
            (47 * hour, "47 hours"),
            (2 * day, "2 days"),
            (13 * day, "13 days"),
            (14 * day, "2 weeks"),
            (59 * day, "8 weeks"),
            (60 * day, "2 months"),
            (729 * day, "24 months"),
            (730 * day, "2 years"),
        ] {
            assert_eq!(human_duration(seconds * NANOS), words, "{seconds}");
        }
    }
}
