//! One header block: where what is in it, and whether it is one at all.

use super::number::{numeric, octal};
use super::text;
use std::ops::Range;

/// What everything in a tar is a multiple of, in bytes.
pub const BLOCK: usize = 512;

const CHECKSUM: Range<usize> = 148..156;

/// A block of an archive.
#[derive(Debug, Clone)]
pub(super) struct Block(pub(super) [u8; BLOCK]);

/// Which of the formats a header has: they put different things behind the first 257 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    V7,
    /// Also that of PAX.
    Ustar,
    Star,
    Gnu,
}

impl Block {
    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// `None` if the checksum doesn't fit. Some old writers added the bytes up as signed ones.
    pub(super) fn format(&self) -> Option<Format> {
        let sums = self.0.iter().enumerate().map(|(index, byte)| if CHECKSUM.contains(&index) { b' ' } else { *byte });
        let unsigned: i64 = sums.clone().map(i64::from).sum();
        let signed: i64 = sums.map(|byte| i64::from(byte.cast_signed())).sum();
        let said = octal(&self.0[CHECKSUM])?;
        if said != unsigned && said != signed {
            return None;
        }
        Some(match (&self.0[257..263], &self.0[263..265], &self.0[508..512]) {
            (b"ustar\0", _, b"tar\0") => Format::Star,
            (b"ustar\0", ..) => Format::Ustar,
            (b"ustar ", b" \0", _) => Format::Gnu,
            _ => Format::V7,
        })
    }

    pub(super) fn flag(&self) -> u8 {
        self.0[156]
    }

    /// With what didn't fit into the first 100 bytes of it.
    pub(super) fn name(&self, format: Format) -> Vec<u8> {
        let name = text(&self.0[..100]);
        let prefix = match format {
            Format::V7 => &[],
            Format::Ustar => text(&self.0[345..500]),
            Format::Star => text(&self.0[345..476]),
            // GNU has times there. Go before 1.8 wrote a prefix all the same, and images of those days are still around.
            Format::Gnu if self.has_times() => &[],
            Format::Gnu => Some(text(&self.0[345..500])).filter(|prefix| prefix.is_ascii()).unwrap_or_default(),
        };
        match prefix {
            [] => name.to_vec(),
            prefix => [prefix, b"/", name].concat(),
        }
    }

    pub(super) fn link(&self) -> &[u8] {
        text(&self.0[157..257])
    }

    pub(super) fn mode(&self) -> Option<i64> {
        numeric(&self.0[100..108])
    }

    pub(super) fn user(&self) -> Option<i64> {
        numeric(&self.0[108..116])
    }

    pub(super) fn group(&self) -> Option<i64> {
        numeric(&self.0[116..124])
    }

    pub(super) fn size(&self) -> Option<i64> {
        numeric(&self.0[124..136])
    }

    pub(super) fn modified(&self) -> Option<i64> {
        numeric(&self.0[136..148])
    }

    /// Size of a sparse file of GNU's old kind, holes included.
    pub(super) fn real_size(&self) -> Option<i64> {
        numeric(&self.0[483..495])
    }

    fn has_times(&self) -> bool {
        [345..357, 357..369].into_iter().all(|field: Range<usize>| numeric(&self.0[field]).is_some())
    }
}
