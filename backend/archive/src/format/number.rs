//! Numbers as tars write them, read as Go's `archive/tar` reads them: it is what Docker, and so every image that was
//! ever pulled, has been read with.

use rustix::fs::Timespec;

/// Octal digits, or the binary form that GNU has for what doesn't fit. An empty field is 0.
pub(super) fn numeric(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => binary(field, *first),
        _ => octal(field),
    }
}

pub(super) fn octal(field: &[u8]) -> Option<i64> {
    let digits = super::text(trim(field));
    if digits.is_empty() {
        return Some(0);
    }
    digits.iter().try_fold(0_i64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

/// As PAX writes them, with a sign if need be.
pub(super) fn decimal(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Seconds since 1970, with a fraction if need be. More digits than a nanosecond has are cut off.
pub(super) fn time(text: &[u8]) -> Option<Timespec> {
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &text[..0]),
    };
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = decimal(whole)?;
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanoseconds = digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    // The fraction leads away from 0, a `Timespec`'s never backwards.
    Some(match whole.first() {
        Some(b'-') if nanoseconds > 0 => {
            Timespec { tv_sec: seconds.saturating_sub(1), tv_nsec: 1_000_000_000 - nanoseconds }
        }
        _ => Timespec { tv_sec: seconds, tv_nsec: nanoseconds },
    })
}

/// Two's complement, but for the highest bit, which says that it is one.
fn binary(field: &[u8], first: u8) -> Option<i64> {
    let inverted = if first & 0x40 != 0 { 0xff } else { 0 };
    let mut number: i64 = 0;
    for (index, byte) in field.iter().enumerate() {
        let byte = if index == 0 { (byte ^ inverted) & 0x7f } else { byte ^ inverted };
        number = number.checked_mul(256)?.checked_add(i64::from(byte))?;
    }
    Some(if inverted == 0 { number } else { !number })
}

fn trim(field: &[u8]) -> &[u8] {
    let is_filling = |byte: &u8| matches!(byte, 0 | b' ');
    let start = field.iter().position(|byte| !is_filling(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !is_filling(byte)).map_or(start, |last| last + 1);
    &field[start..end]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn fields_are_read_as_go_reads_them() {
        let max = [b"\x80\0\0\0".as_slice(), &i64::MAX.to_be_bytes()].concat();
        let over = [b"\x80\0\0\0".as_slice(), &(1_u64 << 63).to_be_bytes()].concat();
        let min = [b"\xff\xff\xff\xff".as_slice(), &i64::MIN.to_be_bytes()].concat();
        for (field, number) in [
            (b"0000644\0".as_slice(), Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\x00\x00644\0\0", Some(0o644)),
            (b"", Some(0)),
            (b"\0\0\0\0", Some(0)),
            (b"        ", Some(0)),
            (b"777777777777", Some(0o777_777_777_777)),
            (b"0000008\0", None),
            (b"-000644\0", None),
            (b"+000644\0", None),
            (b"0x1\0", None),
            // What follows a NUL does not count.
            (b"12\x003456\0", Some(0o12)),
            (b"\x80\0\0\0\0\x01\0\0", Some(65_536)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff", Some(-1)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (&max, Some(i64::MAX)),
            (&over, None),
            (&min, Some(i64::MIN)),
            (b"\x8f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None),
            (b"\xff\x80\0\0\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(numeric(field), number, "{field:?}");
        }
    }

    #[test]
    fn times_lead_away_from_1970() {
        let at = |seconds, nanoseconds| Some((seconds, nanoseconds));
        for (text, expected) in [
            ("1", at(1, 0)),
            ("1.", at(1, 0)),
            ("1.5", at(1, 500_000_000)),
            ("1.0000000019", at(1, 1)),
            ("-1", at(-1, 0)),
            ("-1.5", at(-2, 500_000_000)),
            ("-0.5", at(-1, 500_000_000)),
            ("-1.0", at(-1, 0)),
            ("9223372036854775807.9", at(i64::MAX, 900_000_000)),
            ("-9223372036854775808.9", at(i64::MIN, 100_000_000)),
            ("9223372036854775808", None),
            ("", None),
            (".5", None),
            ("1.x", None),
            ("1.-5", None),
            ("1.5.5", None),
            (" 1", None),
        ] {
            assert_eq!(time(text.as_bytes()).map(|time| (time.tv_sec, time.tv_nsec)), expected, "{text}");
        }
    }
}
