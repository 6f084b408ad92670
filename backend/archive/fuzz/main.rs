//! Gives the unpacking of layers whatever libFuzzer thinks of; or, built without it, the files that are named. Needs root, as
//! unpacking does, and writes to `/dev/shm`.

#![cfg_attr(fuzzing, no_main)]

use archive::{ErrorKind, Limits};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|layer: &[u8]| {
    let told = unpack(layer);
    assert!(told.is_ok(), "{told:?}");
});

#[cfg(not(fuzzing))]
fn main() -> io::Result<()> {
    for path in std::env::args_os().skip(1) {
        println!("{}: {}", PathBuf::from(&path).display(), unpack(&fs::read(&path)?)?);
    }
    Ok(())
}

/// Tells what became of it.
///
/// # Errors
/// A fault of ours: the machine's is one that nobody has thought of; a panic in another thread of unpacking ends up here as well.
fn unpack(data: &[u8]) -> io::Result<String> {
    let mut layer = data.to_vec();
    // No fuzzer finds out how to add up a header.
    for block in layer.as_chunks_mut::<512>().0 {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().copied().map(u32::from).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    let limits = Limits {
        entries: 100,
        bytes: 1 << 20,
        archive: 1 << 20,
        paths: 20_000,
        unsuspicious: 1 << 20,
        ..Limits::default()
    };
    let place = PathBuf::from(format!("/dev/shm/lernhafen-fuzz-{}", std::process::id()));
    fs::create_dir_all(place.join("root"))?;
    let directory = File::open(place.join("root"))?;
    let unpacked =
        archive::decompress(&layer[..], limits).and_then(|tar| archive::unpack(tar, directory.into(), limits));
    let beside = fs::read_dir(&place)?.count() - 1;
    fs::remove_dir_all(place)?;
    match unpacked {
        _ if beside > 0 => Err(io::Error::other("it wrote outside of its directory")),
        Ok(unpacked) => Ok(format!("{} bytes of files", unpacked.size)),
        Err(error) if error.kind == ErrorKind::System => Err(io::Error::other(error)),
        Err(error) => Ok(error.message),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]
    use super::unpack;
    use archive::testing::Tar;

    #[test]
    fn the_target_tells_good_from_bad() {
        let tar = Tar::new().file("a", b"four", |_| {}).bytes();
        assert_eq!(unpack(&tar).unwrap(), "4 bytes of files");
        assert!(unpack(&Tar::new().file("../a", b"four", |_| {}).bytes()).unwrap().contains("invalid entry name"));
    }
}
