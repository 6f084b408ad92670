//! One entry of a log file: `{"log":"…","stream":"stdout","time":"…"}`.

use jiff::Timestamp;
use memchr::memchr;
use serde::Deserialize;

/// What the keeper writes before and after a line of output.
const HEAD: &[u8] = b"{\"log\":\"";
const STREAMS: [(&[u8], bool); 2] = [(b"\",\"stream\":\"stdout\"", false), (b"\",\"stream\":\"stderr\"", true)];
const TIME: &[u8] = b",\"time\":\"";
const TAIL: &[u8] = b"\"}\n";
/// Length of `2026-01-01T00:00:00.000000000Z`, and of its part up to the second.
const TIME_LENGTH: usize = 30;
const TO_THE_SECOND: usize = 19;

/// Reads entries, the most of them without a JSON parser: they are written one way.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The last second read, as it is written, and in nanoseconds since the epoch: the next entry's is most often the same.
    second: (Vec<u8>, i64),
}

/// Which stream an entry is of, and when it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) stderr: bool,
    /// Nanoseconds since the epoch.
    pub(super) time: i64,
}

#[derive(Deserialize)]
struct Json {
    log: String,
    stream: String,
    time: Timestamp,
}

impl Entries {
    /// Appends the output of an entry to `text`. `None` if it can't be read, as half a one after a crash.
    pub(super) fn read(&mut self, raw: &[u8], text: &mut Vec<u8>) -> Option<Stamp> {
        let before = text.len();
        if let Some(stamp) = self.read_plain(raw, text) {
            return Some(stamp);
        }
        text.truncate(before);
        let entry: Json = serde_json::from_slice(raw).ok()?;
        text.extend_from_slice(entry.log.as_bytes());
        Some(Stamp { stderr: entry.stream == "stderr", time: i64::try_from(entry.time.as_nanosecond()).ok()? })
    }

    fn read_plain(&mut self, raw: &[u8], text: &mut Vec<u8>) -> Option<Stamp> {
        let rest = raw.strip_prefix(HEAD)?.strip_suffix(TAIL)?;
        let (rest, time) = rest.split_at_checked(rest.len().checked_sub(TIME_LENGTH)?)?;
        let rest = rest.strip_suffix(TIME)?;
        let (output, stderr) = STREAMS.iter().find_map(|(end, stderr)| Some((rest.strip_suffix(*end)?, *stderr)))?;
        unescape(output, text)?;
        Some(Stamp { stderr, time: self.time(time)? })
    }

    fn time(&mut self, text: &[u8]) -> Option<i64> {
        let (second, fraction) = text.split_at_checked(TO_THE_SECOND)?;
        if self.second.0 != second {
            let whole: Timestamp = format!("{}Z", str::from_utf8(second).ok()?).parse().ok()?;
            self.second = (second.to_vec(), i64::try_from(whole.as_nanosecond()).ok()?);
        }
        let nanos: i64 = str::from_utf8(fraction.strip_prefix(b".")?.strip_suffix(b"Z")?).ok()?.parse().ok()?;
        Some(self.second.1 + nanos)
    }
}

/// Undoes what the keeper escapes; `None` for what it doesn't write.
fn unescape(mut escaped: &[u8], text: &mut Vec<u8>) -> Option<()> {
    while let Some(at) = memchr(b'\\', escaped) {
        let (plain, escape) = escaped.split_at(at);
        text.extend_from_slice(plain);
        let (character, length) = match escape.get(1)? {
            b'n' => ('\n', 2),
            b'r' => ('\r', 2),
            quoted @ (b'"' | b'\\') => (char::from(*quoted), 2),
            b'u' => {
                let digits = str::from_utf8(escape.get(2..6)?).ok()?;
                (char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, 6)
            }
            _ => return None,
        };
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        escaped = escape.get(length..)?;
    }
    text.extend_from_slice(escaped);
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(raw: &str) -> Option<(String, bool, i64)> {
        let mut text = Vec::new();
        let stamp = Entries::default().read(raw.as_bytes(), &mut text)?;
        Some((String::from_utf8(text).unwrap(), stamp.stderr, stamp.time))
    }

    #[test]
    fn what_the_keeper_writes_is_read_back() {
        let raw = "{\"log\":\"a\\\"\\\\\\u001b\\u003c\\u2028é\\r\\n\",\"stream\":\"stderr\",\"time\":\"1970-01-01T00:00:01.000000007Z\"}\n";
        let expected = ("a\"\\\u{1b}<\u{2028}é\r\n".to_owned(), true, 1_000_000_007);
        assert_eq!(read(raw).unwrap(), expected);
        let mut entries = Entries::default();
        assert!(entries.read_plain(raw.as_bytes(), &mut Vec::new()).is_some(), "without a JSON parser");
        assert!(
            entries.read_plain(raw.replace("01.0", "02.0").as_bytes(), &mut Vec::new()).unwrap().time > 2_000_000_000
        );
    }

    #[test]
    fn what_others_write_is_read_too() {
        let raw = "{\"time\":\"1970-01-01T00:00:01.5Z\",\"stream\":\"stdout\",\"log\":\"\\ud83d\\ude00\\t\"}\n";
        assert_eq!(read(raw).unwrap(), ("😀\t".to_owned(), false, 1_500_000_000));
        for broken in ["", "{\"log\n", "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"soon\"}\n"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
