//! Maps of sparse files: which parts of a file the archive has. The rest are holes.

use super::header::{BLOCK, Block};
use super::number::{decimal, numeric};
use super::unreadable;
use crate::error::Result;

/// Parts of one file. More are an attack on memory: a file of 1 TiB that `tar` found this many in would be odd.
const MOST_REGIONS: usize = 65_536;

/// Longest number of a map's text, with room to spare.
const LONGEST_NUMBER: usize = 32;

/// A part that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    pub offset: u64,
    pub length: u64,
}

/// A map that can be trusted.
#[derive(Debug)]
pub struct Sparse {
    pub regions: Vec<Region>,
    /// Size of the file, holes included.
    pub size: u64,
}

impl Sparse {
    /// # Errors
    /// The regions overlap, are out of order, go beyond the file's end, or are not what the archive has of the file.
    pub(super) fn new(regions: Vec<Region>, size: u64, stored: u64) -> Result<Self> {
        let mut end = 0;
        let mut total = 0;
        let mut is_aligned = true;
        for region in &regions {
            let next = region.offset.checked_add(region.length).filter(|next| *next <= size);
            match next {
                Some(next) if region.offset >= end => end = next,
                _ => return Err(nonsense()),
            }
            // `tar` begins each part in a new block, Go does not: where that makes a difference, there is no right way.
            if region.length > 0 && !is_aligned {
                return Err(nonsense());
            }
            is_aligned = is_aligned && region.length.is_multiple_of(BLOCK as u64);
            total += region.length;
        }
        match total == stored {
            true => Ok(Self { regions, size }),
            false => Err(nonsense()),
        }
    }
}

/// GNU's old form: four parts in the header, 21 in each block that follows it.
pub(super) fn old(header: &Block, mut next: impl FnMut() -> Result<Block>) -> Result<Vec<Region>> {
    let mut regions = Vec::new();
    let mut goes_on = add(&mut regions, &header.0[386..482], header.0[482])?;
    while goes_on {
        let block = next()?;
        goes_on = add(&mut regions, &block.0[..504], block.0[504])?;
    }
    Ok(regions)
}

/// PAX's versions 0.0 and 0.1: `offset,length,…`
pub(super) fn from_record(map: &[u8]) -> Result<Vec<Region>> {
    let mut regions = Vec::new();
    if map.is_empty() {
        return Ok(regions);
    }
    let mut numbers = map.split(|byte| *byte == b',').map(decimal);
    while let Some(offset) = numbers.next() {
        push(&mut regions, offset, numbers.next().flatten())?;
    }
    Ok(regions)
}

/// PAX's version 1.0: lines before the data, how many there are in the first, filled up to a whole block.
/// Answers how many blocks that were, too.
pub(super) fn from_data(mut next: impl FnMut() -> Result<Block>) -> Result<(Vec<Region>, u64)> {
    let mut lines = Lines { next: &mut next, block: None, blocks: 0 };
    let count = lines.number()?;
    if count > MOST_REGIONS as u64 {
        return Err(nonsense());
    }
    let mut regions = Vec::new();
    for _ in 0..count {
        let (offset, length) = (lines.number()?, lines.number()?);
        regions.push(Region { offset, length });
    }
    Ok((regions, lines.blocks))
}

struct Lines<'a, N> {
    next: &'a mut N,
    block: Option<(Block, usize)>,
    blocks: u64,
}

impl<N: FnMut() -> Result<Block>> Lines<'_, N> {
    fn number(&mut self) -> Result<u64> {
        let mut digits = Vec::with_capacity(LONGEST_NUMBER);
        loop {
            match self.byte()? {
                b'\n' => break,
                digit if digits.len() < LONGEST_NUMBER => digits.push(digit),
                _ => return Err(nonsense()),
            }
        }
        decimal(&digits).and_then(|number| u64::try_from(number).ok()).ok_or_else(nonsense)
    }

    fn byte(&mut self) -> Result<u8> {
        let (block, at) = match self.block.take() {
            Some((block, at)) if at < BLOCK => (block, at),
            _ => {
                self.blocks += 1;
                ((self.next)()?, 0)
            }
        };
        let byte = block.0[at];
        self.block = Some((block, at + 1));
        Ok(byte)
    }
}

/// Whether another block follows.
fn add(regions: &mut Vec<Region>, fields: &[u8], goes_on: u8) -> Result<bool> {
    for field in fields.chunks_exact(24) {
        // As GNU and BSD see it: the rest of the fields is empty.
        if field[0] == 0 {
            break;
        }
        push(regions, numeric(&field[..12]), numeric(&field[12..]))?;
    }
    // A block without a part of a file could be followed by others without end.
    if regions.len() > MOST_REGIONS || (goes_on != 0 && fields[0] == 0) {
        return Err(nonsense());
    }
    Ok(goes_on != 0)
}

fn push(regions: &mut Vec<Region>, offset: Option<i64>, length: Option<i64>) -> Result<()> {
    let number = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    match (number(offset), number(length)) {
        (Some(offset), Some(length)) if regions.len() < MOST_REGIONS => regions.push(Region { offset, length }),
        _ => return Err(nonsense()),
    }
    Ok(())
}

fn nonsense() -> crate::error::Error {
    unreadable("the map of one of its sparse files is nonsense")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sparse(regions: &[(u64, u64)], size: u64, stored: u64) -> Result<Sparse> {
        Sparse::new(
            regions.iter().map(|(offset, length)| Region { offset: *offset, length: *length }).collect(),
            size,
            stored,
        )
    }

    #[test]
    fn a_map_that_makes_no_sense_is_refused() {
        for (regions, size, stored) in [
            ([(0, 512), (511, 512)], 2048, 1024),
            ([(512, 512), (0, 512)], 2048, 1024),
            ([(0, 512), (1024, 1025)], 2048, 1537),
            ([(0, 512), (u64::MAX, 512)], 2048, 1024),
            ([(0, u64::MAX), (u64::MAX, 1)], u64::MAX, 0),
            ([(0, 512), (1024, 512)], 2048, 1023),
            ([(0, 512), (1024, 512)], 2048, 1025),
            ([(0, 100), (1024, 512)], 2048, 612),
        ] {
            sparse(&regions, size, stored).unwrap_err();
        }
        sparse(&[(0, 512), (512, 512), (1024, 100), (2048, 0)], 2048, 1124).unwrap();
        sparse(&[], 1 << 40, 0).unwrap();
    }

    #[test]
    fn a_map_as_text_is_read_to_the_block() {
        let mut text = b"2\n0\n512\n1048576\n".to_vec();
        text.extend(std::iter::repeat_n(b'9', 12).chain([b'\n']));
        text.resize(1024, 0);
        let mut blocks = text.chunks_exact(BLOCK);
        let (regions, read) = from_data(|| Ok(Block(blocks.next().unwrap().try_into().unwrap()))).unwrap();
        assert_eq!(regions[1], Region { offset: 1 << 20, length: 999_999_999_999 });
        assert_eq!(read, 1);
        for text in ["65537\n", "-1\n", "x\n", "1\n0\n", "1\n0\n-1\n", &"1".repeat(2000)] {
            let mut block = [0; BLOCK];
            let length = text.len().min(BLOCK);
            block[..length].copy_from_slice(&text.as_bytes()[..length]);
            let mut left = 3;
            let read = from_data(|| {
                left -= 1;
                if left == 0 { Err(nonsense()) } else { Ok(Block(block)) }
            });
            assert!(read.is_err(), "{text}");
        }
    }

    #[test]
    fn a_map_as_a_record_has_pairs() {
        assert_eq!(from_record(b"1,2,3,4").unwrap().len(), 2);
        for map in ["1", "1,2,3", "1,,2", "a,b", ",", "-1,2", "1,2,"] {
            assert!(from_record(map.as_bytes()).is_err(), "{map}");
        }
    }

    #[test]
    fn an_old_map_ends() {
        let mut endless = Block([0; BLOCK]);
        endless.0[504] = 1;
        endless.0[482] = 1;
        assert!(old(&endless, || Ok(endless.clone())).is_err());
        for field in endless.0[386..482].chunks_exact_mut(12).chain([]) {
            field.copy_from_slice(b"00000000001\0");
        }
        let mut full = Block([0; BLOCK]);
        full.0[504] = 1;
        full.0[..504].as_chunks_mut::<12>().0.iter_mut().for_each(|field| *field = *b"00000000001\0");
        assert!(old(&endless, || Ok(full.clone())).is_err());
    }
}
