//! `Range` of a download, `Content-Range` of a chunk.

/// What of a blob is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    Part {
        first: u64,
        length: u64,
    },
    /// Nothing of it is there.
    Nothing,
}

impl Wanted {
    /// As RFC 9110 reads it: what isn't understood, and more than one part, is all.
    pub(crate) fn of(header: &str, size: u64) -> Self {
        let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
            return Self::All;
        };
        match (first.is_empty(), number(first), last.is_empty(), number(last)) {
            // The last so many bytes.
            (true, _, false, Some(count)) => match count.min(size) {
                0 => Self::Nothing,
                length => Self::Part { first: size - length, length },
            },
            (false, Some(first), true, _) if first < size => Self::Part { first, length: size - first },
            (false, Some(first), false, Some(last)) if first < size && first <= last => {
                Self::Part { first, length: last.min(size - 1) - first + 1 }
            }
            (false, Some(first), false, Some(last)) if last < first => Self::All,
            (false, Some(_), true, _) | (false, Some(_), false, Some(_)) => Self::Nothing,
            _ => Self::All,
        }
    }
}

/// First byte and length of a chunk: `<first>-<last>`, both inclusive. `None`: it isn't that.
pub(crate) fn chunk(header: &str) -> Option<(u64, u64)> {
    let (first, last) = header.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    Some((first, last.checked_sub(first)?.checked_add(1)?))
}

/// How far an upload is, in the same words; nothing yet is said as Docker's registry says it.
pub(crate) fn so_far(size: u64) -> String {
    format!("0-{}", size.saturating_sub(1))
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_blob() {
        let part = |first, length| Wanted::Part { first, length };
        for (header, wanted) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-4", part(2, 3)),
            ("bytes=2-", part(2, 8)),
            ("bytes=2-99", part(2, 8)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-99", part(0, 10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=10-12", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=18446744073709551615-", Wanted::Nothing),
            ("bytes=4-2", Wanted::All),
            ("bytes=0-1,4-5", Wanted::All),
            ("bytes=-", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=+1-2", Wanted::All),
            ("bytes=99999999999999999999-", Wanted::All),
            ("lines=1-2", Wanted::All),
            ("", Wanted::All),
        ] {
            assert_eq!(Wanted::of(header, 10), wanted, "{header}");
        }
        assert_eq!(Wanted::of("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(Wanted::of("bytes=-1", 0), Wanted::Nothing);
    }

    #[test]
    fn where_a_chunk_belongs() {
        assert_eq!(chunk("0-9"), Some((0, 10)));
        assert_eq!(chunk("5-5"), Some((5, 1)));
        let most = u64::MAX;
        for header in ["", "-", "5", "5-4", "a-b", "0-", "-5", " 0-1", "+0-1", "bytes=0-9", &format!("0-{most}")] {
            assert_eq!(chunk(header), None, "{header}");
        }
        assert_eq!((so_far(0), so_far(10)), ("0-0".to_owned(), "0-9".to_owned()));
    }
}
