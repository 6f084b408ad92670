//! The last bytes that a terminal showed.

use std::collections::VecDeque;

/// How far to look for a line's start where the beginning is cut off.
const LONGEST_LINE: usize = 16 * 1024;

/// The last `capacity` bytes of a stream. Offsets count from the stream's start.
#[derive(Debug)]
pub(super) struct Ring {
    bytes: VecDeque<u8>,
    end: u64,
    capacity: usize,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { bytes: VecDeque::new(), end: 0, capacity }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.end += bytes.len() as u64;
        let kept = &bytes[bytes.len().saturating_sub(self.capacity)..];
        let over = (self.bytes.len() + kept.len()).saturating_sub(self.capacity);
        self.bytes.drain(..over);
        self.bytes.extend(kept);
    }

    /// Offset of the oldest byte.
    pub(super) fn start(&self) -> u64 {
        self.end - self.bytes.len() as u64
    }

    /// Offset after the newest byte.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Where to begin for a screen that is empty: not within a line, or within an escape sequence.
    pub(super) fn clean_start(&self) -> u64 {
        let cut_off = self.start() > 0;
        let newline = self.bytes.iter().take(LONGEST_LINE).position(|&byte| byte == b'\n');
        match newline {
            Some(newline) if cut_off => self.start() + newline as u64 + 1,
            _ => self.start(),
        }
    }

    /// At most `max` bytes from `offset` on; none if they are gone, or not there yet.
    pub(super) fn read(&self, offset: u64, max: usize) -> Vec<u8> {
        let Some(skip) = offset.checked_sub(self.start()).filter(|_| offset <= self.end) else { return Vec::new() };
        let skip = skip as usize;
        let length = (self.bytes.len() - skip).min(max);
        self.bytes.range(skip..skip + length).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bytes_stay_at_their_offsets() {
        let mut ring = Ring::new(8);
        ring.push(b"abcde");
        ring.push(b"fghij");
        assert_eq!((ring.start(), ring.end()), (2, 10));
        assert_eq!(ring.read(2, 100), b"cdefghij");
        assert_eq!(ring.read(8, 1), b"i");
        assert_eq!(ring.read(10, 9), b"");
    }

    #[test]
    fn what_is_gone_or_to_come_reads_as_nothing() {
        let mut ring = Ring::new(4);
        ring.push(b"0123456789");
        assert_eq!(ring.read(5, 9), b"");
        assert_eq!(ring.read(11, 9), b"");
        assert_eq!(ring.read(6, 9), b"6789");
    }

    #[test]
    fn a_replay_begins_with_a_whole_line() {
        let mut ring = Ring::new(8);
        ring.push(b"ab\ncd");
        assert_eq!(ring.clean_start(), 0);
        ring.push(b"e\nfgh");
        assert_eq!(ring.read(ring.clean_start(), 100), b"cde\nfgh");
    }
}
