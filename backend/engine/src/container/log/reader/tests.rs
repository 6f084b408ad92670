#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

/// A log's files in a directory of their own.
struct Log(PathBuf);

impl Log {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("lernhafen-log-{name}-{}", std::process::id()));
        fs::create_dir(&dir).unwrap();
        Self(dir)
    }

    fn path(&self) -> PathBuf {
        self.0.join("log")
    }

    fn write(&self, lines: &[(&str, u32)]) {
        let mut file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(self.path()).unwrap();
        for (stream, n) in lines {
            let time = format!("2026-01-01T00:00:{:02}.000000001Z", n % 60);
            writeln!(file, "{{\"log\":\"{n}\\n\",\"stream\":\"{stream}\",\"time\":\"{time}\"}}").unwrap();
        }
    }

    fn rotate(&self) {
        for (old, new) in [("log.1", "log.2"), ("log", "log.1")] {
            let _ = fs::rename(self.0.join(old), self.0.join(new));
        }
    }

    fn read(&self, options: LogOptions) -> Vec<u32> {
        rest(&mut Reader::new(self.path(), options).unwrap())
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn rest(reader: &mut Reader) -> Vec<u32> {
    let mut all = Vec::new();
    while let Step::Lines(batch) = reader.step().unwrap() {
        for line in batch.lines {
            all.push(str::from_utf8(&batch.text[line.text]).unwrap().trim().parse().unwrap());
        }
    }
    all
}

fn both() -> LogOptions {
    LogOptions { stdout: true, stderr: true, ..LogOptions::default() }
}

#[test]
fn streams_tail_and_times_select_lines() {
    let log = Log::new("select");
    assert_eq!(log.read(both()), [0; 0], "no file, no lines");
    log.write(&[("stdout", 0), ("stderr", 1)]);
    log.rotate();
    log.write(&[("stdout", 2)]);
    assert_eq!(log.read(both()), [0, 1, 2]);
    assert_eq!(log.read(LogOptions { stderr: false, ..both() }), [0, 2]);
    for (tail, expected) in [(0, &[][..]), (1, &[2]), (2, &[1, 2]), (3, &[0, 1, 2]), (9, &[0, 1, 2])] {
        assert_eq!(log.read(LogOptions { tail: Some(tail), ..both() }), expected, "{tail}");
    }
    let second = 1_767_225_601_000_000_001;
    assert_eq!(log.read(LogOptions { since: Some(second), ..both() }), [1, 2]);
    assert_eq!(log.read(LogOptions { until: Some(second), ..both() }), [0, 1]);
}

#[test]
fn who_follows_misses_nothing_when_files_change() {
    let log = Log::new("follow");
    let mut reader = Reader::new(log.path(), LogOptions { follow: true, ..both() }).unwrap();
    assert_eq!(rest(&mut reader), [0; 0], "there is no log yet");
    log.write(&[("stdout", 1)]);
    assert_eq!(rest(&mut reader), [1]);
    log.write(&[("stdout", 2)]);
    log.rotate();
    log.write(&[("stdout", 3)]);
    log.rotate();
    log.write(&[("stdout", 4)]);
    assert_eq!(rest(&mut reader), [2, 3, 4], "two new files at once");
    log.rotate();
    log.rotate();
    log.rotate();
    log.write(&[("stdout", 5)]);
    assert_eq!(rest(&mut reader), [5], "the file that it had read is gone by now");
}

#[test]
fn half_an_entry_waits_for_its_rest_and_a_broken_one_is_skipped() {
    let log = Log::new("half");
    let mut reader = Reader::new(log.path(), LogOptions { follow: true, ..both() }).unwrap();
    fs::write(log.path(), "{\"log\":\"1\\n\",\"stream\":\"stdout\",\"ti").unwrap();
    assert_eq!(rest(&mut reader), [0; 0]);
    let mut file = fs::OpenOptions::new().append(true).open(log.path()).unwrap();
    file.write_all(b"me\":\"2026-01-01T00:00:00.000000001Z\"}\nbroken\n").unwrap();
    log.write(&[("stdout", 2)]);
    assert_eq!(rest(&mut reader), [1, 2]);
}

#[test]
fn who_does_not_follow_comes_to_an_end() {
    let log = Log::new("end");
    log.write(&[("stdout", 1)]);
    let mut reader = Reader::new(log.path(), both()).unwrap();
    log.write(&[("stdout", 2)]);
    assert_eq!(rest(&mut reader), [1], "a flood would never end");
}
