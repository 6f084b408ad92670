//! Layers as registries have them.

use super::*;
use crate::testing::Tar;
use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use std::io::Write;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    xz_with_window(1 << 20, bytes)
}

/// As `xz --lzma2=dict=…`.
fn xz_with_window(size: u32, bytes: &[u8]) -> Vec<u8> {
    let mut options = XzOptions::with_preset(1);
    options.lzma_options.dict_size = size;
    let mut encoder = XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// One that says how much the decoder has to look back, and is `length` zeros long.
fn zstd_with_window(log: u32, length: usize) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.long_distance_matching(true).unwrap();
    encoder.window_log(log).unwrap();
    encoder.include_contentsize(false).unwrap();
    let block = vec![0; 1 << 20];
    (0..length >> 20).for_each(|_| encoder.write_all(&block).unwrap());
    encoder.finish().unwrap()
}

fn read(bytes: &[u8]) -> std::result::Result<(Compression, Vec<u8>), String> {
    let mut tar = decompress(bytes, Limits::default()).map_err(|e| e.message)?;
    let mut read = Vec::new();
    tar.read_to_end(&mut read).map_err(|e| e.to_string())?;
    Ok((tar.compression, read))
}

fn tar() -> Vec<u8> {
    let content: Vec<u8> = (0..100_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    Tar::new().file("a", &content, |_| {}).file("b", b"x", |_| {}).bytes()
}

#[test]
fn a_layer_says_itself_how_it_is_compressed() {
    let tar = tar();
    let [head, tail] = [&tar[..5000], &tar[5000..]];
    let skipped = b"\x50\x2a\x4d\x18\x04\0\0\0note".as_slice();
    for (bytes, compression) in [
        (tar.clone(), Compression::None),
        (gzip(&tar), Compression::Gzip),
        ([gzip(head), gzip(b""), gzip(tail)].concat(), Compression::Gzip),
        (zstd(&tar), Compression::Zstd),
        ([zstd(head), zstd(tail)].concat(), Compression::Zstd),
        ([skipped, &zstd(&tar), skipped].concat(), Compression::Zstd),
        (bzip2(&tar), Compression::Bzip2),
        ([bzip2(b""), bzip2(head), bzip2(tail)].concat(), Compression::Bzip2),
        (xz(&tar), Compression::Xz),
        ([xz(head), vec![0; 8], xz(b""), xz(tail)].concat(), Compression::Xz),
    ] {
        assert_eq!(read(&bytes).unwrap(), (compression, tar.clone()));
        let place = Place::new();
        let unpacked = place.unpack(decompress(bytes.as_slice(), Limits::default()).unwrap()).unwrap();
        assert_eq!(unpacked.diff_id, sha256(&tar));
        assert_eq!(fs::read(place.root().join("b")).unwrap(), b"x");
    }
    for short in [b"".as_slice(), b"\x1f", b"\x1f\x8b", b"BZh9"] {
        assert_eq!(read(short).unwrap(), (Compression::None, short.to_vec()));
    }
}

#[test]
fn all_of_the_source_is_read_whatever_the_tar_needs_of_it() {
    let tar = [tar(), b"rubbish".repeat(100_000)].concat();
    for bytes in [tar.clone(), gzip(&tar), zstd(&tar), bzip2(&tar), xz(&tar)] {
        let mut source = bytes.as_slice();
        Place::new().unpack(decompress(&mut source, Limits::default()).unwrap()).unwrap();
        assert!(source.is_empty());
    }
}

#[test]
fn other_compressions_are_refused_by_name() {
    for (magic, name) in [(b"\x04\x22\x4d\x18\x64".as_slice(), "lz4"), (b"\x1f\x9d\x90", "compress")] {
        let said = read(magic).unwrap_err();
        assert!(said.contains(name) && said.contains("is not supported"), "{said}");
    }
    // A file may be called so.
    Place::new()
        .unpack(decompress(Tar::new().file("BZhello", b"", |_| {}).bytes().as_slice(), Limits::default()).unwrap())
        .unwrap();
}

#[test]
fn a_stream_that_is_cut_off_damaged_or_followed_by_rubbish_is_refused() {
    let tar = tar();
    let all = [(gzip(&tar), "gzip"), (zstd(&tar), "zstd"), (bzip2(&tar), "bzip2"), (xz(&tar), "xz")];
    for (compressed, name) in all {
        let ends = (10..compressed.len()).filter(|end| end % 1009 == 0 || compressed.len() - end < 20 || *end < 30);
        for end in ends {
            let said = read(&compressed[..end]).unwrap_err();
            assert!(said.contains(name), "{end}: {said}");
        }
        // To xz, zeros are padding.
        let zeros: &[u8] = if name == "xz" { &[0; 511] } else { &[0; 512] };
        for rubbish in [b"x".as_slice(), zeros, b"rubbish behind"] {
            let said = read(&[&compressed, rubbish].concat()).unwrap_err();
            assert!(said.contains(name), "{rubbish:?}: {said}");
        }
        let mut damaged = compressed.clone();
        damaged[compressed.len() / 2] ^= 0x10;
        assert!(read(&damaged).is_err() || name == "zstd", "{name}");
    }
    // The checksum at the end counts.
    let mut damaged = gzip(&tar);
    let at = damaged.len() - 8;
    damaged[at] ^= 1;
    read(&damaged).unwrap_err();
}

#[test]
fn bombs_are_refused_early() {
    let zeros = vec![0; 64 << 20];
    let limits = Limits { unsuspicious: 1 << 20, ..Limits::default() };
    for compress in [gzip, zstd, bzip2, xz] {
        let header = Tar::new().file("a", b"", |h| h.set_size(64 << 20)).bytes()[..512].to_vec();
        let bomb = [compress(&header), compress(&zeros)].concat();
        let place = Place::new();
        let error = place.unpack(decompress(bomb.as_slice(), limits).unwrap()).unwrap_err();
        assert!(error.message.contains("200 times its size"), "{error}");
        let written = fs::metadata(place.root().join("a")).map_or(0, |metadata| metadata.len());
        assert!(written < 32 << 20, "{written}");
    }
    // What shrinks as texts do may be as long as it likes.
    let text: Vec<u8> = (0..4 << 20).map(|i: u32| if i % 64 < 60 { b' ' } else { (i >> 6) as u8 }).collect();
    let mut tar = Vec::new();
    decompress(gzip(&text).as_slice(), limits).unwrap().read_to_end(&mut tar).unwrap();
    assert_eq!(tar, text);
}

#[test]
fn how_far_an_xz_stream_looks_back_is_bounded() {
    assert_eq!(read(&xz_with_window(128 << 20, b"content")).unwrap().1, b"content");
    let said = read(&xz_with_window(192 << 20, b"content")).unwrap_err();
    assert!(said.contains("xz stream wants more memory"), "{said}");
}

#[test]
fn how_far_a_zstd_stream_looks_back_is_bounded() {
    let may = zstd_with_window(27, 2 << 20);
    let may_not = zstd_with_window(28, 2 << 20);
    assert_eq!(read(&may).unwrap().1.len(), 2 << 20);
    assert!(read(&may_not).unwrap_err().contains("zstd"));
}
