//! Docker's frames: how stdout and stderr share a stream without a terminal.

pub(crate) const STDOUT: u8 = 1;
pub(crate) const STDERR: u8 = 2;
/// The daemon's own errors: the client ends with them.
pub(crate) const SYSTEMERR: u8 = 3;

/// Length of what stands before a frame's payload, in bytes.
pub(crate) const HEADER: usize = 8;

/// `payload`, which is shorter than 4 GiB, as one frame.
pub(crate) fn frame(stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut frame = vec![stream, 0, 0, 0];
    frame.extend(length.to_be_bytes());
    frame.extend(payload);
    frame
}

/// Takes the frames off a stream again, for who wants raw bytes.
#[derive(Debug)]
pub(crate) struct Unframed {
    /// A terminal's stream has none.
    raw: bool,
    header: Vec<u8>,
    /// Bytes of the current frame that are still to come.
    left: usize,
}

impl Unframed {
    pub(crate) fn new(raw: bool) -> Self {
        Self { raw, header: Vec::new(), left: 0 }
    }

    /// The payload in a piece of the stream, wherever that was cut.
    pub(crate) fn payload(&mut self, mut piece: &[u8]) -> Vec<u8> {
        if self.raw {
            return piece.to_vec();
        }
        let mut payload = Vec::with_capacity(piece.len());
        while !piece.is_empty() {
            let wanted = if self.left > 0 { self.left } else { HEADER - self.header.len() };
            let (taken, rest) = piece.split_at(wanted.min(piece.len()));
            piece = rest;
            if self.left > 0 {
                payload.extend_from_slice(taken);
                self.left -= taken.len();
                continue;
            }
            self.header.extend_from_slice(taken);
            if let [_, _, _, _, a, b, c, d] = self.header[..] {
                self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                self.header.clear();
            }
        }
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_off_wherever_the_stream_is_cut() {
        let stream = [frame(STDOUT, b"one"), frame(STDERR, b""), frame(STDERR, b"two")].concat();
        for size in 1..=stream.len() {
            let mut unframed = Unframed::new(false);
            let payload: Vec<u8> = stream.chunks(size).flat_map(|piece| unframed.payload(piece)).collect();
            assert_eq!(payload, b"onetwo", "{size}");
        }
        assert_eq!(Unframed::new(true).payload(b"raw"), b"raw");
    }
}
