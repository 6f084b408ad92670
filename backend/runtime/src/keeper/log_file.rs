//! The files of a log: one that grows, and older ones that Docker would have kept.

use super::protocol::LogFile;
use crate::failure::{Doing, Failure};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;

/// A log's newest file, which becomes `<path>.1` when it is full, and so on.
#[derive(Debug)]
pub(super) struct Rotated {
    file: File,
    kept: LogFile,
    /// Length of the file in whole entries, in bytes.
    length: u64,
}

impl Rotated {
    pub(super) fn open(kept: LogFile) -> Result<Self, Failure> {
        let open = || -> io::Result<Self> {
            let mut file = options().create(true).open(&kept.path)?;
            let mut length = file.metadata()?.len();
            if !ends_with_newline(&file, length)? {
                // A machine that lost its power left half an entry, which must not spoil the next one.
                file.write_all(b"\n")?;
                length += 1;
            }
            Ok(Self { file, kept: kept.clone(), length })
        };
        open().doing(|| format!("opening the log {}", kept.path.display()))
    }

    /// Appends whole entries, each with its newline, in as many files as they need.
    pub(super) fn append(&mut self, entries: &[u8]) -> io::Result<()> {
        let mut rest = self.without_doomed(entries);
        while !rest.is_empty() {
            if self.kept.max_size > 0 && self.length >= self.kept.max_size {
                self.rotate()?;
            }
            let (now, later) = rest.split_at(self.fitting(rest));
            if let Err(error) = self.file.write_all(now) {
                // Half an entry would spoil the next one as well. If this fails too, a reader skips the line.
                let _ = self.file.set_len(self.length);
                return Err(error);
            }
            self.length += now.len() as u64;
            rest = later;
        }
        Ok(())
    }

    /// How much of it goes into the file that there is: up to the entry with which it is full.
    fn fitting(&self, entries: &[u8]) -> usize {
        if self.kept.max_size == 0 {
            return entries.len();
        }
        let room = usize::try_from(self.kept.max_size - self.length).unwrap_or(usize::MAX);
        let end = entries.iter().skip(room - 1).position(|byte| *byte == b'\n');
        end.map_or(entries.len(), |end| room + end)
    }

    /// Entries without those that the same call would throw away again: a flood into tiny files is cheap.
    fn without_doomed<'a>(&self, entries: &'a [u8]) -> &'a [u8] {
        let kept = self.kept.max_size.saturating_mul(self.kept.max_files.into());
        let doomed = match usize::try_from(kept) {
            Ok(kept) if kept > 0 => entries.len().saturating_sub(kept),
            _ => 0,
        };
        if doomed == 0 {
            return entries;
        }
        let next = entries.iter().skip(doomed - 1).position(|byte| *byte == b'\n');
        entries.get(doomed + next.unwrap_or(0)..).unwrap_or_default()
    }

    /// Begins a new file. A reader that has the old one open finds it again under its new name, or sees that it is gone.
    fn rotate(&mut self) -> io::Result<()> {
        let done = |outcome: io::Result<()>| match outcome {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
        for number in (1..self.kept.max_files).rev() {
            done(fs::rename(self.name(number - 1), self.name(number)))?;
        }
        if self.kept.max_files <= 1 {
            done(fs::remove_file(&self.kept.path))?;
        }
        self.file = options().create_new(true).open(&self.kept.path)?;
        self.length = 0;
        Ok(())
    }

    fn name(&self, number: u32) -> PathBuf {
        if number == 0 {
            return self.kept.path.clone();
        }
        let mut name = self.kept.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
    options
}

fn ends_with_newline(file: &File, length: u64) -> io::Result<bool> {
    let mut last = [b'\n'];
    if let Some(at) = length.checked_sub(1) {
        file.read_exact_at(&mut last, at)?;
    }
    Ok(last == [b'\n'])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    struct Logs(PathBuf);

    impl Logs {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("keeper-log-{name}-{}", std::process::id()));
            fs::create_dir(&dir).unwrap();
            Self(dir)
        }

        fn open(&self, max_size: u64, max_files: u32) -> Rotated {
            Rotated::open(LogFile { path: self.0.join("log"), max_size, max_files }).unwrap()
        }

        fn read(&self) -> Vec<String> {
            let names = ["log", "log.1", "log.2", "log.3"];
            names.iter().filter_map(|name| fs::read_to_string(self.0.join(name)).ok()).collect()
        }
    }

    impl Drop for Logs {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_full_file_makes_room_for_the_next() {
        let logs = Logs::new("rotate");
        let mut log = logs.open(4, 3);
        for entry in [&b"1\n"[..], b"22\n", b"33333333\n", b"4\n5\n6\n"] {
            log.append(entry).unwrap();
        }
        assert_eq!(logs.read(), ["6\n", "4\n5\n", "33333333\n"]);
        drop(log);
        logs.open(4, 3).append(b"77\n8\n").unwrap();
        assert_eq!(logs.read(), ["8\n", "6\n77\n", "4\n5\n"], "it goes on where it was");
    }

    #[test]
    fn one_file_alone_begins_anew() {
        let logs = Logs::new("one");
        let mut log = logs.open(4, 1);
        log.append(b"1\n2\n").unwrap();
        log.append(b"3\n").unwrap();
        assert_eq!(logs.read(), ["3\n"]);
    }

    #[test]
    fn a_flood_into_tiny_files_is_not_written_only_to_be_deleted() {
        let logs = Logs::new("flood");
        let mut log = logs.open(2, 2);
        assert_eq!(log.without_doomed(b"1\n2\n3\n4\n"), b"3\n4\n");
        log.append("x\n".repeat(100_000).as_bytes()).unwrap();
        assert_eq!(logs.read(), ["x\n", "x\n"]);
        assert_eq!(logs.open(0, 1).without_doomed(b"1\n2\n"), b"1\n2\n");
    }

    #[test]
    fn half_an_entry_of_a_crash_stays_alone() {
        let logs = Logs::new("crash");
        fs::write(logs.0.join("log"), "{\"log").unwrap();
        logs.open(0, 1).append(b"{}\n").unwrap();
        assert_eq!(logs.read(), ["{\"log\n{}\n"]);
    }
}
