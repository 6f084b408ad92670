//! Several entries for the same name, and whiteouts before and after what they are of.

use super::*;
use crate::testing::{TIME, Tar};
use std::path::Path;
use tar::EntryType;

#[test]
fn the_later_entry_counts() {
    let place = Place::new();
    let tar = Tar::new()
        .file("a", b"first", |_| {})
        .link(EntryType::Link, "b", "a")
        .file("a", b"second", |_| {})
        .link(EntryType::Symlink, "d", "/outside")
        .directory("d", |_| {})
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("a")).unwrap(), b"second");
    assert_eq!(fs::read(place.root().join("b")).unwrap(), b"first");
    assert!(fs::symlink_metadata(place.root().join("d")).unwrap().is_dir());
}

#[test]
fn anything_replaces_anything() {
    type Add = fn(Tar) -> Tar;
    let kinds: [(&str, u32, Add); 5] = [
        ("file", 0o100_000, |tar| tar.file("x", b"file", |_| {})),
        ("directory", 0o040_000, |tar| tar.directory("x", |_| {}).file("x/in/deep", b"", |_| {})),
        ("symlink", 0o120_000, |tar| tar.link(EntryType::Symlink, "x", "other")),
        ("hard link", 0o100_000, |tar| tar.link(EntryType::Link, "x", "other/file")),
        ("pipe", 0o010_000, |tar| tar.special("x", EntryType::Fifo)),
    ];
    for (first, _, add_first) in kinds {
        for (second, kind, add_second) in kinds {
            let place = Place::new();
            let tar = add_second(add_first(Tar::new().file("other/file", b"", |_| {})));
            let unpacked = place.unpack(tar.bytes().as_slice());
            assert!(unpacked.is_ok(), "{second} over {first}: {unpacked:?}");
            let found = fs::symlink_metadata(place.root().join("x")).unwrap();
            assert_eq!(found.mode() & 0o170_000, kind, "{second} over {first}");
            assert!(place.root().join("other/file").exists(), "{second} over {first}");
        }
    }
}

#[test]
fn a_directory_that_comes_again_keeps_what_is_in_it() {
    let place = Place::new();
    let tar = Tar::new()
        .directory("d", |h| h.set_mode(0o700))
        .file("d/kept", b"", |_| {})
        .directory("d/", |h| {
            h.set_mode(0o750);
            h.set_gid(5);
            h.set_mtime(TIME + 1);
        })
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    let found = fs::metadata(place.root().join("d")).unwrap();
    assert_eq!((found.mode() & 0o7777, found.gid(), found.mtime()), (0o750, 5, TIME as i64 + 1));
    assert!(place.root().join("d/kept").exists());
}

#[test]
fn a_replaced_directory_goes_without_what_its_links_lead_to() {
    let place = Place::new();
    let outside = place.outside();
    let tar = Tar::new()
        .file("kept/file", b"", |_| {})
        .link(EntryType::Symlink, "d/inside", "/kept")
        .link(EntryType::Symlink, "d/outside", outside.to_str().unwrap())
        .link(EntryType::Symlink, "d/up", "../..")
        .link(EntryType::Link, "d/same", "kept/file")
        .file("d/a/b/c", b"", |_| {})
        .file("d", b"now a file", |_| {})
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("d")).unwrap(), b"now a file");
    assert_eq!(fs::metadata(place.root().join("kept/file")).unwrap().nlink(), 1);
}

#[test]
fn what_was_looked_up_before_is_looked_up_again_once_it_is_replaced() {
    let place = Place::new();
    let tar = Tar::new()
        .directory("a/b", |_| {})
        .file("a/b/1", b"", |_| {})
        .directory("other/b", |_| {})
        .link(EntryType::Symlink, "a", "other")
        .file("a/b/2", b"", |_| {})
        .directory("a", |_| {})
        .file("a/b/3", b"", |_| {})
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert!(place.root().join("other/b/2").exists());
    assert!(place.root().join("a/b/3").exists());
    assert!(!place.root().join("other/b/3").exists());
    // The first `a/b` is gone, and its time is not for the one that came after.
    assert_ne!(fs::metadata(place.root().join("a/b")).unwrap().mtime(), TIME as i64);
    assert_eq!(fs::metadata(place.root().join("other/b")).unwrap().mtime(), TIME as i64);
}

#[test]
fn hard_links_to_oneself_and_to_links() {
    let place = Place::new();
    let tar = Tar::new()
        .file("a", b"kept", |_| {})
        .link(EntryType::Link, "a", "./a")
        .link(EntryType::Symlink, "way", ".")
        .link(EntryType::Link, "way/a", "a")
        .link(EntryType::Symlink, "s", "/nowhere")
        .link(EntryType::Link, "t", "s")
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("a")).unwrap(), b"kept");
    assert_eq!(fs::read_link(place.root().join("t")).unwrap(), Path::new("/nowhere"));
    assert_eq!(fs::symlink_metadata(place.root().join("s")).unwrap().nlink(), 2);
}

#[test]
fn a_link_says_nothing_of_what_it_leads_to() {
    let place = Place::new();
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(EntryType::Link);
    header.set_path("b").unwrap();
    header.set_link_name("a").unwrap();
    header.set_mode(0o4777);
    header.set_uid(1);
    header.set_gid(1);
    header.set_size(0);
    header.set_mtime(1);
    header.set_cksum();
    let tar = Tar::new().file("a", b"", |h| h.set_mode(0o600)).raw(header.as_bytes()).bytes();
    place.unpack(tar.as_slice()).unwrap();
    let found = fs::metadata(place.root().join("a")).unwrap();
    assert_eq!((found.mode() & 0o7777, found.uid(), found.mtime(), found.nlink()), (0o600, 0, TIME as i64, 2));
}

#[test]
fn whiteouts_are_made_whatever_they_are_written_as() {
    let place = Place::new();
    let tar = Tar::new()
        .file("a/.wh.file", b"", |_| {})
        .file(".wh.with content", b"content", |_| {})
        .link(EntryType::Link, ".wh.hard", ".wh..wh.aufs")
        .directory(".wh.directory", |_| {})
        .special(".wh.device", EntryType::Char)
        .file("new/parent/.wh.x", b"", |_| {})
        .file(".wh..wh.aufs", b"", |h| h.set_uid(1 << 20))
        .directory(".wh..wh.plnk", |_| {})
        .file(".wh..wh.plnk/1.2", b"x", |_| {})
        .directory("a", |_| {})
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    for path in ["a/file", "with content", "hard", "directory", "device", "new/parent/x"] {
        assert!(place.is_whiteout(path), "{path}");
    }
    assert_eq!(fs::metadata(place.root().join("new/parent")).unwrap().mode() & 0o7777, 0o755);
    assert_eq!(fs::read_dir(place.root()).unwrap().count(), 6);
    // Making it last changed the directory again.
    assert_eq!(fs::metadata(place.root().join("a")).unwrap().mtime(), TIME as i64);
}

#[test]
fn an_entry_stays_whether_its_whiteout_comes_before_or_after() {
    type Add = fn(Tar) -> Tar;
    let whiteouts: Add = |tar| {
        tar.file(".wh.f", b"", |_| {}).file(".wh.d", b"", |_| {}).file(".wh.l", b"", |_| {}).file(".wh.i", b"", |_| {})
    };
    let entries: Add = |tar| {
        tar.file("f", b"stays", |_| {})
            .directory("d", |_| {})
            .link(EntryType::Symlink, "l", "d")
            .file("i/x", b"", |_| {})
            .directory("other", |_| {})
    };
    for tar in [entries(whiteouts(Tar::new())), whiteouts(entries(Tar::new()))] {
        let place = Place::new();
        place.unpack(tar.bytes().as_slice()).unwrap();
        assert_eq!(fs::read(place.root().join("f")).unwrap(), b"stays");
        assert!(place.is_opaque("d") && place.is_opaque("i") && place.root().join("i/x").exists());
        assert!(fs::symlink_metadata(place.root().join("l")).unwrap().is_symlink());
        assert!(!place.is_opaque("other"));
    }
}

#[test]
fn whiteouts_within_each_other() {
    let inner: fn(Tar) -> Tar = |tar| tar.file("d/.wh.x", b"", |_| {});
    let outer: fn(Tar) -> Tar = |tar| tar.file(".wh.d", b"", |_| {});
    for tar in [inner(outer(Tar::new())), outer(inner(Tar::new()))] {
        let place = Place::new();
        place.unpack(tar.bytes().as_slice()).unwrap();
        assert!(place.is_opaque("d") && place.is_whiteout("d/x"));
    }
}

#[test]
fn a_directory_is_opaque_wherever_the_mark_comes() {
    let mark: fn(Tar) -> Tar = |tar| tar.file("d/.wh..wh..opq", b"", |_| {});
    let rest: fn(Tar) -> Tar = |tar| tar.directory("d", |_| {}).file("d/f", b"", |_| {});
    for tar in [rest(mark(Tar::new())), mark(rest(Tar::new())), mark(Tar::new())] {
        let place = Place::new();
        place.unpack(tar.bytes().as_slice()).unwrap();
        assert!(place.is_opaque("d"));
        assert!(!place.root().join("d/.wh..wh..opq").exists());
    }
    let place = Place::new();
    place.unpack(Tar::new().file(".wh..wh..opq", b"", |_| {}).bytes().as_slice()).unwrap();
    assert!(place.is_opaque(""));
}
