//! Gives the unpacking of layers whatever libFuzzer thinks of. Needs root, as unpacking does, and writes to `/dev/shm`.
//!
//! The code is taken from the engine file by file: it is no part of what the engine offers.

#![no_main]
#![allow(dead_code, reason = "there is more in these files than is called here")]

#[path = "../src/error.rs"]
mod error;
#[path = "."]
mod store {
    #[path = "../src/store/archive/mod.rs"]
    mod archive;
    #[path = "../src/store/digest.rs"]
    mod digest;

    pub(crate) fn unpack(layer: &[u8], directory: std::fs::File) -> crate::Result<()> {
        let limits = archive::Limits {
            entries: 100,
            bytes: 1 << 20,
            archive: 1 << 20,
            paths: 20_000,
            unsuspicious: 1 << 20,
            ..archive::Limits::default()
        };
        let tar = archive::decompress(layer, limits)?;
        archive::unpack(tar, directory.into(), limits).map(drop)
    }
}

use error::{Error, ErrorKind, Result};
use libfuzzer_sys::fuzz_target;
use std::fs;
use std::path::PathBuf;

fuzz_target!(|data: &[u8]| {
    let mut layer = data.to_vec();
    // No fuzzer finds out how to add up a header.
    for block in layer.as_chunks_mut::<512>().0 {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().copied().map(u32::from).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    let place = PathBuf::from(format!("/dev/shm/lernhafen-fuzz-{}", std::process::id()));
    fs::create_dir_all(place.join("root")).unwrap();
    if let Err(error) = store::unpack(&layer, fs::File::open(place.join("root")).unwrap()) {
        // The machine's fault would be one that nobody has thought of; a panic in the other thread ends up here as well.
        assert_eq!(error.kind, ErrorKind::InvalidParameter, "{error}");
    }
    assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    fs::remove_dir_all(place).unwrap();
});
