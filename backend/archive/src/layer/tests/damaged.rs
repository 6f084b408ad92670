//! Archives that are cut off, lie, or are none.

use super::*;
use crate::testing::Tar;
use tar::EntryType;

/// Something of everything.
fn archive() -> Vec<u8> {
    Tar::new()
        .directory("d", |_| {})
        .file("d/a", &[b'x'; 1500], |_| {})
        .pax(&[("path", b"d/b"), ("mtime", b"1.5")])
        .file("short", b"y", |_| {})
        .link(EntryType::Symlink, "l".repeat(150), "t".repeat(150))
        .file("d/.wh.c", b"", |_| {})
        .bytes()
}

#[test]
fn an_archive_that_is_cut_off_is_refused_unless_between_entries() {
    let tar = archive();
    Place::new().unpack(tar.as_slice()).unwrap();
    let mut complete = Vec::new();
    let ends = (0..tar.len()).filter(|end| end % 512 == 0 || end % 97 == 0 || (end + 1) % 512 == 0);
    for end in ends {
        let place = Place::new();
        match place.unpack(&tar[..end]) {
            Ok(_) => complete.push(end),
            Err(error) => assert_ne!(error.kind, crate::ErrorKind::System, "{end}: {error}"),
        }
    }
    // Between two entries, before the end mark and in its middle, and within what fills up a file's last block: as in Go.
    let between = [0, 512, 2560, 4608, 7168, tar.len() - 1024, tar.len() - 512];
    let fillings = [1024 + 1500..2560, 4096 + 1..4608];
    for end in between {
        assert!(complete.contains(&end), "{end}: {complete:?}");
    }
    for end in complete {
        assert!(between.contains(&end) || fillings.iter().any(|filling| filling.contains(&end)), "{end}");
    }
}

#[test]
fn no_archive_is_an_empty_one() {
    let unpacked = Place::new().unpack([].as_slice()).unwrap();
    assert_eq!(unpacked.diff_id, sha256(b""));
    Place::new().unpack([0; 512].as_slice()).unwrap();
    Place::new().unpack([0; 1024].as_slice()).unwrap();
    Place::new().unpack([0; 511].as_slice()).unwrap_err();
}

#[test]
fn what_follows_the_end_is_only_hashed() {
    let mut tar = Tar::new().file("a", b"", |_| {}).bytes();
    tar.extend(Tar::new().file("b", b"", |_| {}).bytes());
    tar.extend(b"rubbish");
    let place = Place::new();
    let unpacked = place.unpack(tar.as_slice()).unwrap();
    assert_eq!(unpacked.diff_id, sha256(&tar));
    assert!(place.root().join("a").exists() && !place.root().join("b").exists());
    // Half an end mark is none.
    let half = [Tar::new().file("a", b"", |_| {}).raw(&[0; 512]).bytes().as_slice(), b"x"].concat();
    Place::new().unpack(half.as_slice()).unwrap();
    let half = Tar::new().raw(&[0; 512]).file("a", b"", |_| {}).bytes();
    assert!(Place::new().unpack(half.as_slice()).unwrap_err().message.contains("half an end mark"));
}

#[test]
fn noise_is_no_archive() {
    let noise: Vec<u8> = (0..20_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    Place::new().unpack(noise.as_slice()).unwrap_err();
}

#[test]
fn a_checksum_has_to_fit() {
    for at in [0, 100, 150, 156, 257, 511] {
        let mut tar = Tar::new().file("a", b"", |_| {}).bytes();
        tar[at] ^= 1;
        let error = Place::new().unpack(tar.as_slice()).unwrap_err();
        assert!(error.message.contains("checksum"), "{at}: {error}");
    }
    // Added up as signed bytes, as some did.
    let mut tar = Tar::new().file(b"\xff\xff", b"", |_| {}).bytes();
    let sum = u32::from_str_radix(std::str::from_utf8(&tar[148..155]).unwrap(), 8).unwrap() - 512;
    tar[148..155].copy_from_slice(format!("{sum:07o}").as_bytes());
    Place::new().unpack(tar.as_slice()).unwrap();
}

#[test]
fn numbers_that_are_none_are_refused() {
    type Set = fn(&mut tar::Header);
    let fields: [Set; 12] = [
        |h| h.as_old_mut().size = *b"00000000008\0",
        |h| h.as_old_mut().size = [0xff; 12],
        |h| h.as_old_mut().size = *b"\x80\0\0\x01\0\0\0\0\0\0\0\0",
        |h| h.as_old_mut().size = *b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
        |h| h.as_old_mut().size = *b"-0000000001\0",
        |h| h.as_old_mut().mode = *b"0o00644\0",
        |h| h.as_old_mut().uid = *b"abcdefg\0",
        |h| h.as_old_mut().gid = *b"9999999\0",
        |h| h.as_old_mut().mtime = *b"xxxxxxxxxxx\0",
        |h| h.as_old_mut().mtime = *b"\x8f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        |h| h.set_size(u64::MAX >> 1),
        |h| h.set_size(33 << 30),
    ];
    for (index, set) in fields.into_iter().enumerate() {
        let place = Place::new();
        place.unpack(Tar::new().file("a", b"x", set).bytes().as_slice()).unwrap_err();
        assert!(fs::metadata(place.root().join("a")).map_or(0, |m| m.len()) < 4096, "{index}");
    }
    for (key, value) in
        [("size", "x"), ("size", "-1"), ("size", "99999999999999999999"), ("mtime", "x"), ("uid", "0x1")]
    {
        let tar = Tar::new().pax(&[(key, value.as_bytes())]).file("a", b"x", |_| {}).bytes();
        Place::new().unpack(tar.as_slice()).unwrap_err();
    }
}

/// CVE-2025-62518: where the two sizes differ, a reader that skips by the wrong one finds entries in a file's content.
#[test]
fn of_two_sizes_only_that_of_the_records_counts() {
    let hidden = Tar::new().file("hidden", b"", |_| {}).bytes();
    let size = hidden.len().to_string();
    for header_size in [0, 512, hidden.len() as u64 + 512] {
        let place = Place::new();
        let tar = Tar::new()
            .pax(&[("size", size.as_bytes())])
            .file("a", &hidden, |h| h.set_size(header_size))
            .file("after", b"", |_| {})
            .bytes();
        place.unpack(tar.as_slice()).unwrap();
        assert!(!place.root().join("hidden").exists());
        assert!(place.root().join("after").exists());
        assert_eq!(fs::read(place.root().join("a")).unwrap(), hidden);
    }
    // It is that of the entry, not of the long name between them.
    let place = Place::new();
    let tar = Tar::new().pax(&[("size", b"3")]).file("n".repeat(150), b"abc", |h| h.set_size(0)).file("b", b"", |_| {});
    place.unpack(tar.bytes().as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("n".repeat(150))).unwrap(), b"abc");
}

#[test]
fn entries_for_which_there_are_two_of_anything_are_refused() {
    for (first, second) in [(b'x', b'x'), (b'L', b'L'), (b'K', b'K')] {
        let content: &[u8] = if first == b'x' { b"10 path=a\n" } else { b"a" };
        let tar = Tar::new().meta(first, content).meta(second, content).file("a", b"", |_| {}).bytes();
        let error = Place::new().unpack(tar.as_slice()).unwrap_err();
        assert!(error.message.contains("two names or sets"), "{error}");
    }
    for kind in [b'x', b'L', b'K'] {
        let content: &[u8] = if kind == b'x' { b"10 path=a\n" } else { b"a" };
        let tar = Tar::new().meta(kind, content).meta(b'g', b"10 path=b\n").file("c", b"", |_| {}).bytes();
        let error = Place::new().unpack(tar.as_slice()).unwrap_err();
        assert!(error.message.contains("for no entry"), "{error}");
        let error = Place::new().unpack(Tar::new().meta(kind, content).bytes().as_slice()).unwrap_err();
        assert!(error.message.contains("ends before the entry"), "{error}");
    }
}

#[test]
fn kinds_that_no_image_has_are_refused_by_name() {
    for kind in *b"VMDNA8" {
        let error = Place::new().unpack(Tar::new().meta(kind, b"").bytes().as_slice()).unwrap_err();
        assert!(error.message.contains("meta is of a kind that no image has"), "{error}");
    }
}

#[test]
fn what_the_source_says_is_passed_on() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the line is down"))
        }
    }
    let tar = Tar::new().file("a", b"x", |_| {}).bytes();
    let error = Place::new().unpack(tar[..700].chain(Broken)).unwrap_err();
    assert!(error.message.contains("the line is down"), "{error}");
}
