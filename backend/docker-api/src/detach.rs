//! The keys that leave a terminal without ending what runs in it (`ctrl-p,ctrl-q`).

use crate::error::{Error, Reply};

/// A sequence of bytes to look for in what a client types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DetachKeys(Vec<u8>);

impl Default for DetachKeys {
    fn default() -> Self {
        Self(vec![0x10, 0x11])
    }
}

impl DetachKeys {
    /// Reads Docker's form: characters and `ctrl-<character>`, with commas between them.
    pub(crate) fn parse(text: &str) -> Reply<Self> {
        text.split(',').map(key).collect::<Reply<_>>().map(Self)
    }
}

fn key(key: &str) -> Reply<u8> {
    match (key.as_bytes(), key.strip_prefix("ctrl-").map(str::as_bytes)) {
        ([byte], _) => Ok(*byte),
        (_, Some([byte @ (b'a'..=b'z')])) => Ok(byte - b'a' + 1),
        (_, Some(b"@")) => Ok(0),
        (_, Some([byte @ b'['..=b'_'])) => Ok(byte - b'[' + 27),
        _ => Err(Error::bad(format!("Invalid detach keys ({key}) provided"))),
    }
}

/// Looks for the keys in a stream of chunks.
#[derive(Debug)]
pub(crate) struct Detector {
    keys: DetachKeys,
    /// How many of the keys were typed last, and not passed on yet.
    matched: usize,
}

/// What to do with a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Pass these bytes on.
    Input(Vec<u8>),
    /// Pass on what was typed before the keys, then leave.
    Detach(Vec<u8>),
}

impl Detector {
    pub(crate) fn new(keys: DetachKeys) -> Self {
        Self { keys, matched: 0 }
    }

    /// Holds back the beginning of the keys until it is clear what they become.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Typed {
        let keys = &self.keys.0;
        let mut input = Vec::with_capacity(chunk.len() + self.matched);
        for byte in chunk {
            if *byte != keys[self.matched] {
                input.extend_from_slice(&keys[..self.matched]);
                self.matched = 0;
            }
            if *byte != keys[self.matched] {
                input.push(*byte);
                continue;
            }
            self.matched += 1;
            if self.matched == keys.len() {
                return Typed::Detach(input);
            }
        }
        Typed::Input(input)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_are_read_as_docker_writes_them() {
        assert_eq!(DetachKeys::parse("ctrl-p,ctrl-q").unwrap(), DetachKeys::default());
        assert_eq!(DetachKeys::parse("a,ctrl-@,ctrl-[,ctrl-_").unwrap(), DetachKeys(vec![b'a', 0, 27, 31]));
        for bad in ["", "ctrl-", "ctrl-A", "ctrl-aa", "ab", "a,,b"] {
            assert!(DetachKeys::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_are_found_across_chunks_and_the_rest_passes() {
        let mut detector = Detector::new(DetachKeys::default());
        assert_eq!(detector.feed(b"ls\n"), Typed::Input(b"ls\n".to_vec()));
        assert_eq!(detector.feed(b"x\x10"), Typed::Input(b"x".to_vec()));
        assert_eq!(detector.feed(b"y"), Typed::Input(b"\x10y".to_vec()));
        assert_eq!(detector.feed(b"\x10\x10"), Typed::Input(b"\x10".to_vec()));
        assert_eq!(detector.feed(b"\x11more"), Typed::Detach(Vec::new()));
        assert_eq!(Detector::new(DetachKeys::default()).feed(b"ls\x10\x11x"), Typed::Detach(b"ls".to_vec()));
    }
}
