//! A container's output as Docker's `json-file`: one JSON object per line of it.

use super::complain;
use super::log_file::Rotated;
use super::protocol::LogFile;
use crate::failure::Failure;
use jiff::Timestamp;
use std::io::Write;

/// Longest piece of a line in one entry, in bytes: Docker cuts there too.
const LONGEST: usize = 16 * 1024;

/// Where an output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Stdout = 1,
    Stderr = 2,
}

/// An open log. What can't be written (a full disk) is missing in it; the process does not notice.
#[derive(Debug)]
pub(super) struct Log {
    file: Rotated,
    /// Beginnings of lines whose ends are to come, of stdout and of stderr.
    partial: [Vec<u8>; 2],
    complained: bool,
}

impl Log {
    /// Opens the log to append to it; makes it (0600) if it isn't there.
    pub(super) fn open(file: LogFile) -> Result<Self, Failure> {
        Ok(Self { file: Rotated::open(file)?, partial: Default::default(), complained: false })
    }

    /// Appends output; what comes after its last line's end waits for the rest.
    pub(super) fn write(&mut self, output: Output, bytes: &[u8]) {
        let mut entries = Vec::new();
        // All that is read at once has come at once: a flood costs the keeper one look at the clock for 32 KiB.
        let time = time();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let partial = &mut self.partial[output as usize - 1];
            let mut rest = piece;
            while let Some((head, tail)) = rest.split_at_checked(LONGEST - partial.len()) {
                if head.is_empty() || tail.is_empty() && head.ends_with(b"\n") {
                    break;
                }
                partial.extend_from_slice(head);
                rest = tail;
                entry(&mut entries, partial, output, &time);
                partial.clear();
            }
            partial.extend_from_slice(rest);
            if partial.ends_with(b"\n") {
                entry(&mut entries, partial, output, &time);
                partial.clear();
            }
        }
        self.append(&entries);
    }

    /// Writes the beginnings of lines that will have no end.
    pub(super) fn finish(&mut self) {
        let mut entries = Vec::new();
        let time = time();
        for (output, partial) in [Output::Stdout, Output::Stderr].into_iter().zip(&mut self.partial) {
            if !partial.is_empty() {
                entry(&mut entries, partial, output, &time);
                *partial = Vec::new();
            }
        }
        self.append(&entries);
    }

    fn append(&mut self, entries: &[u8]) {
        if let Err(error) = self.file.append(entries)
            && !self.complained
        {
            complain(format_args!("output is missing in a container's log, which can't be written: {error}"));
            self.complained = true;
        }
    }
}

fn time() -> String {
    format!("{:.9}", Timestamp::now())
}

fn entry(into: &mut Vec<u8>, line: &[u8], output: Output, time: &str) {
    into.extend_from_slice(b"{\"log\":\"");
    for chunk in line.utf8_chunks() {
        escape(into, chunk.valid());
        // One for each byte, as Go has it.
        for _ in chunk.invalid() {
            into.extend_from_slice(b"\\ufffd");
        }
    }
    let stream = if output == Output::Stdout { "stdout" } else { "stderr" };
    for part in ["\",\"stream\":\"", stream, "\",\"time\":\"", time, "\"}\n"] {
        into.extend_from_slice(part.as_bytes());
    }
}

/// Escapes the characters that Docker escapes, as it escapes them.
fn escape(into: &mut Vec<u8>, text: &str) {
    let special =
        |character: char| matches!(character, '"' | '\\' | '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    let mut rest = text;
    while let Some((at, character)) = rest.char_indices().find(|(_, character)| special(*character)) {
        let (plain, from) = rest.split_at(at);
        into.extend_from_slice(plain.as_bytes());
        match character {
            '"' | '\\' => into.extend_from_slice(&[b'\\', character as u8]),
            '\n' => into.extend_from_slice(b"\\n"),
            '\r' => into.extend_from_slice(b"\\r"),
            _ => {
                // Writing into a vector can't fail.
                let _ = write!(into, "\\u{:04x}", character as u32);
            }
        }
        rest = from.get(character.len_utf8()..).unwrap_or_default();
    }
    into.extend_from_slice(rest.as_bytes());
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use serde_json::Value;

    fn logged(writes: &[(Output, &[u8])]) -> Vec<(String, String)> {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("keeper-log-{}-{count}", std::process::id()));
        let mut log = Log::open(LogFile { path: path.clone(), max_size: 0, max_files: 1 }).unwrap();
        for (output, bytes) in writes {
            log.write(*output, bytes);
        }
        log.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let field = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
        let entries = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        entries.map(|entry| (field(&entry, "log"), field(&entry, "stream"))).collect()
    }

    fn stdout(writes: &[&[u8]]) -> Vec<String> {
        let writes: Vec<_> = writes.iter().map(|bytes| (Output::Stdout, *bytes)).collect();
        logged(&writes).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn lines_are_entries_however_they_come() {
        assert_eq!(stdout(&[b"one\ntwo\n"]), ["one\n", "two\n"]);
        assert_eq!(stdout(&[b"o", b"ne\nt", b"wo"]), ["one\n", "two"]);
        assert_eq!(stdout(&[b"\n\n"]), ["\n", "\n"]);
    }

    #[test]
    fn streams_do_not_mix() {
        let entries = logged(&[(Output::Stdout, b"out"), (Output::Stderr, b"err\n"), (Output::Stdout, b"put\n")]);
        assert_eq!(entries, [("err\n".into(), "stderr".into()), ("output\n".into(), "stdout".into())]);
    }

    #[test]
    fn long_lines_are_cut_where_docker_cuts_them() {
        let long = [vec![b'x'; LONGEST], b"end\n".to_vec()].concat();
        assert_eq!(stdout(&[&long]).iter().map(String::len).collect::<Vec<_>>(), [LONGEST, 4]);
        assert_eq!(stdout(&[&long[..LONGEST]]).iter().map(String::len).collect::<Vec<_>>(), [LONGEST]);
        assert_eq!(stdout(&[&long[5..]]).iter().map(String::len).collect::<Vec<_>>(), [LONGEST - 1]);
        let pieces: Vec<_> = long.chunks(1000).collect();
        assert_eq!(stdout(&pieces).concat().as_bytes(), long);
    }

    #[test]
    fn any_bytes_make_valid_json() {
        assert_eq!(stdout(&[b"\"\\\t\x1b[1m<&>\x7f\r\n"]), ["\"\\\t\x1b[1m<&>\x7f\r\n"]);
        assert_eq!(stdout(&["Fähre \u{2028}\n".as_bytes()]), ["Fähre \u{2028}\n"]);
        assert_eq!(stdout(&[b"a\xe2\x82b\xff\n"]), ["a\u{fffd}\u{fffd}b\u{fffd}\n"], "one for each byte");
    }
}
