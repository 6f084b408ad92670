//! The last bytes of a terminal's output, for those who come back.

use std::collections::VecDeque;

/// Keeps at most `capacity` bytes, the newest; takes memory only as they come.
#[derive(Debug)]
pub(super) struct Ring {
    capacity: usize,
    bytes: VecDeque<u8>,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, bytes: VecDeque::new() }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let newest = bytes.get(bytes.len().saturating_sub(self.capacity)..).unwrap_or_default();
        let excess = (self.bytes.len() + newest.len()).saturating_sub(self.capacity);
        self.bytes.drain(..excess);
        self.bytes.extend(newest);
    }

    /// What is kept, oldest first.
    pub(super) fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        let (front, back) = self.bytes.as_slices();
        [front, back].into_iter()
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(capacity: usize, pushes: &[&str]) -> String {
        let mut ring = Ring::new(capacity);
        for push in pushes {
            ring.push(push.as_bytes());
        }
        assert_eq!(ring.len(), ring.bytes().map(<[u8]>::len).sum::<usize>());
        ring.bytes().map(String::from_utf8_lossy).collect()
    }

    #[test]
    fn keeps_the_newest_bytes() {
        assert_eq!(after(4, &["ab"]), "ab");
        assert_eq!(after(4, &["ab", "cd"]), "abcd");
        assert_eq!(after(4, &["ab", "cd", "e"]), "bcde");
        assert_eq!(after(4, &["ab", "0123456789"]), "6789");
        assert_eq!(after(0, &["ab"]), "");
    }
}
