//! Docker's frames: how stdout and stderr share a stream without a terminal.

pub(crate) const STDOUT: u8 = 1;
pub(crate) const STDERR: u8 = 2;
/// The daemon's own errors: the client ends with them.
pub(crate) const SYSTEMERR: u8 = 3;

/// `payload`, which is shorter than 4 GiB, as one frame.
pub(crate) fn frame(stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut frame = vec![stream, 0, 0, 0];
    frame.extend(length.to_be_bytes());
    frame.extend(payload);
    frame
}
