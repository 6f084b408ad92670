//! Reads a log in big blocks, from file to file as the keeper begins new ones.

use super::LogOptions;
use super::entry::Entries;
use super::series::{self, Piece};
use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Some lines of a container's log, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LogBatch {
    pub lines: Vec<LogLine>,
    /// The output of all of them, one after the other.
    pub text: Vec<u8>,
}

/// One line of a container's log (a long one may come in parts: only the last ends with a newline).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub stderr: bool,
    /// Nanoseconds since the epoch.
    pub time: i64,
    /// Where its bytes are in [`LogBatch::text`].
    pub text: Range<usize>,
}

/// Bytes that are read at once.
const BLOCK: usize = 256 * 1024;
/// Longest entry, in bytes: the keeper cuts lines at 16 KiB, and JSON may write a byte as six.
const LONGEST: usize = 128 * 1024;

/// A place in a log. Blocks while it reads.
#[derive(Debug)]
pub(super) struct Reader {
    path: PathBuf,
    options: LogOptions,
    current: Option<Piece>,
    position: u64,
    /// Files that come after the current one.
    newer: VecDeque<Piece>,
    /// What was read and is no whole entry yet.
    rest: Vec<u8>,
    entries: Entries,
    /// An entry has come that is later than wanted.
    over: bool,
}

/// What reading on has brought.
#[derive(Debug)]
pub(super) enum Step {
    Lines(LogBatch),
    /// All that there is was read.
    CaughtUp,
    /// No later line is wanted.
    Over,
}

impl Reader {
    pub(super) fn new(path: PathBuf, options: LogOptions) -> io::Result<Self> {
        let pieces = series::open(&path)?;
        let (first, position) = match options.tail {
            Some(wanted) => series::start_of_last(&pieces, wanted)?,
            None => (0, 0),
        };
        let mut newer: VecDeque<_> = pieces.into_iter().skip(first).collect();
        let current = newer.pop_front();
        Ok(Self { path, options, current, position, newer, rest: Vec::new(), entries: Entries::default(), over: false })
    }

    /// Reads on until some lines are there, or no more.
    pub(super) fn step(&mut self) -> io::Result<Step> {
        while !self.over {
            // Nothing is written into a file any more that has a successor.
            let has_successor = !self.newer.is_empty();
            if self.read_block()? {
                let batch = self.parse();
                if !batch.lines.is_empty() {
                    return Ok(Step::Lines(batch));
                }
            } else if has_successor {
                self.current = self.newer.pop_front();
                self.position = 0;
                self.rest.clear();
            } else if !self.options.follow || !self.look_for_newer()? {
                return Ok(Step::CaughtUp);
            }
        }
        Ok(Step::Over)
    }

    /// Whether there was something to read.
    fn read_block(&mut self) -> io::Result<bool> {
        let Some(piece) = &self.current else { return Ok(false) };
        // Who doesn't follow gets what there was at the beginning: a flood would never end.
        let until = if self.options.follow { u64::MAX } else { piece.length };
        let room = usize::try_from(until.saturating_sub(self.position)).unwrap_or(BLOCK).min(BLOCK);
        let kept = self.rest.len();
        self.rest.resize(kept + room, 0);
        let count = piece.file.read_at(self.rest.get_mut(kept..).unwrap_or_default(), self.position);
        self.rest.truncate(kept + count.as_ref().copied().unwrap_or(0));
        let count = count?;
        self.position += count as u64;
        Ok(count > 0)
    }

    fn look_for_newer(&mut self) -> io::Result<bool> {
        let mut pieces = series::open(&self.path)?;
        // If the current one is not among them, as it is too old by now, all of them come after it.
        let next = pieces.iter().position(|piece| self.current.as_ref() == Some(piece)).map_or(0, |at| at + 1);
        self.newer.extend(pieces.drain(next..));
        Ok(!self.newer.is_empty())
    }

    /// The whole entries of what was read, as far as they are wanted.
    fn parse(&mut self) -> LogBatch {
        let mut batch = LogBatch::default();
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', &self.rest) {
            let raw = self.rest.get(begin..=end).unwrap_or_default();
            begin = end + 1;
            let from = batch.text.len();
            // Half an entry of a crash is all that can't be read.
            let Some(stamp) = self.entries.read(raw, &mut batch.text) else { continue };
            if self.options.until.is_some_and(|until| stamp.time > until) {
                batch.text.truncate(from);
                self.over = true;
                break;
            }
            let wanted = if stamp.stderr { self.options.stderr } else { self.options.stdout };
            if wanted && self.options.since.is_none_or(|since| stamp.time >= since) {
                batch.lines.push(LogLine { stderr: stamp.stderr, time: stamp.time, text: from..batch.text.len() });
            } else {
                batch.text.truncate(from);
            }
        }
        self.rest.drain(..begin);
        if self.rest.len() > LONGEST {
            self.rest.clear();
        }
        batch
    }
}

#[cfg(test)]
mod tests;
