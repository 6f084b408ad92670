//! Archives come as they are or compressed; the decoder is ours, and runs in the helper (CVE-2026-41567: `xz` of the container's).

use crate::failure::{Result, invalid};
use flate2::read::MultiGzDecoder;
use std::io::{Cursor, Read};

/// Bytes that tell the kind.
const MAGIC: usize = 6;

/// What others Docker would take.
const OTHERS: [(&[u8], &str); 3] = [(b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"), (b"\x28\xb5\x2f\xfd", "zstd")];

/// The archive itself.
///
/// # Errors
/// If it is compressed in a way that isn't known here, or can't be read.
pub(super) fn plain<'a>(mut input: impl Read + 'a) -> Result<Box<dyn Read + 'a>> {
    let mut beginning = Vec::with_capacity(MAGIC);
    let read = input.by_ref().take(MAGIC as u64).read_to_end(&mut beginning);
    read.map_err(|error| super::failed_io("reading the archive", &error))?;
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| beginning.starts_with(magic)) {
        return Err(invalid(format!(
            "the archive is compressed with {name}, which is not supported here: send it as it is, or compressed with gzip"
        )));
    }
    let is_gzip = beginning.starts_with(b"\x1f\x8b\x08");
    let whole = Cursor::new(beginning).chain(input);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}
