//! What an honest archive says is what there is.

use super::*;
use crate::testing::{TIME, Tar};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use tar::EntryType;

/// `cap_net_raw=ep`, as `ping` had it.
const CAPABILITY: &[u8] = &[1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

#[test]
fn what_an_archive_says_is_what_there_is() {
    let place = Place::new();
    let tar = Tar::new()
        .xattrs(&[("user.note", b"kept"), ("trusted.overlay.redirect", b"/elsewhere")])
        .file("bin/tool", b"#!/bin/sh\n", |h| {
            h.set_mode(0o4755);
            h.set_uid(1000);
            h.set_gid(65_535);
        })
        .directory("var/mail", |h| h.set_mode(0o2775))
        .file("var/mail/root", b"", |h| h.set_mode(0o600))
        .directory("tmp/", |h| h.set_mode(0o1777))
        .link(EntryType::Symlink, "sbin", "bin")
        .link(EntryType::Link, "bin/same", "bin/tool")
        .special("pipe", EntryType::Fifo)
        .special("disk", EntryType::Block)
        .bytes();
    let unpacked = place.unpack(tar.as_slice()).unwrap();
    assert_eq!(unpacked.diff_id, sha256(&tar));
    assert_eq!(unpacked.size, "#!/bin/sh\n".len() as u64 + "bin".len() as u64);

    let tool = fs::metadata(place.root().join("bin/tool")).unwrap();
    assert_eq!((tool.mode() & 0o7777, tool.uid(), tool.gid()), (0o4755, 1000, 65_535));
    assert_eq!((tool.nlink(), tool.mtime()), (2, TIME as i64));
    let mail = fs::metadata(place.root().join("var/mail")).unwrap();
    assert_eq!((mail.mode() & 0o7777, mail.mtime()), (0o2775, TIME as i64));
    assert_eq!(fs::metadata(place.root().join("tmp")).unwrap().mode() & 0o7777, 0o1777);
    assert_eq!(fs::read_link(place.root().join("sbin")).unwrap(), Path::new("bin"));
    let pipe = fs::symlink_metadata(place.root().join("pipe")).unwrap();
    assert_eq!((pipe.mode(), pipe.mtime()), (0o010_755, TIME as i64));
    assert!(fs::symlink_metadata(place.root().join("disk")).is_err());
    assert_eq!(place.xattr("bin/tool", "user.note").unwrap(), b"kept");
    assert_eq!(place.xattr("bin/tool", "trusted.overlay.redirect"), None);
}

#[test]
fn the_root_is_what_its_entry_says() {
    for root in ["./", ".", "/", ""] {
        let place = Place::new();
        let tar = Tar::new().directory(root, |h| h.set_mode(0o711)).file("a", b"", |_| {}).bytes();
        place.unpack(tar.as_slice()).unwrap();
        let metadata = fs::metadata(place.root()).unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (0o711, TIME as i64));
    }
}

#[test]
fn implied_directories_are_roots_whatever_is_above_them() {
    let place = Place::new();
    let tar = Tar::new()
        .directory("shared", |h| {
            h.set_mode(0o2777);
            h.set_gid(50);
        })
        .file("shared/a/b/file", b"", |_| {})
        .link(EntryType::Symlink, "shared/link", "x")
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    for path in ["shared/a", "shared/a/b"] {
        let metadata = fs::metadata(place.root().join(path)).unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.uid(), metadata.gid()), (0o755, 0, 0), "{path}");
    }
    // The directory above would give its group to what is made in it.
    for path in ["shared/a/b/file", "shared/link"] {
        assert_eq!(fs::symlink_metadata(place.root().join(path)).unwrap().gid(), 0, "{path}");
    }
    assert_eq!(fs::metadata(place.root().join("shared")).unwrap().mtime(), TIME as i64);
}

#[test]
fn attributes_that_are_an_images_are_kept() {
    let place = Place::new();
    let attributes: &[(&str, &[u8])] = &[
        ("security.capability", CAPABILITY),
        ("user.empty", b""),
        ("user.binary", b"\0=\n\xff"),
        ("user.overlay.opaque", b"y"),
        ("user.", b"no name"),
        ("trusted.overlay.opaque", b"y"),
        ("trusted.other", b"x"),
        ("security.selinux", b"x"),
        ("system.posix_acl_access", b"x"),
        ("nonsense", b"x"),
    ];
    let tar = Tar::new()
        .xattrs(attributes)
        .file("ping", b"", |h| h.set_uid(1))
        .xattrs(attributes)
        .directory("d", |_| {})
        .xattrs(attributes)
        .link(EntryType::Symlink, "link", "ping")
        .xattrs(&[("user.a", b"x")])
        .special("pipe", EntryType::Fifo)
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    for path in ["ping", "d"] {
        let mut names = [0; 1024];
        let length = rustix::fs::llistxattr(place.root().join(path), &mut names).unwrap();
        let mut names: Vec<_> = names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()).collect();
        names.sort();
        assert_eq!(names, [b"security.capability".as_slice(), b"user.binary", b"user.empty"], "{path}");
        assert_eq!(place.xattr(path, "user.binary").unwrap(), b"\0=\n\xff");
        assert_eq!(place.xattr(path, "security.capability").unwrap(), CAPABILITY);
    }
    assert_eq!(rustix::fs::llistxattr(place.root().join("link"), &mut [0; 64]).unwrap(), 0);
}

#[test]
fn times_are_what_records_say_and_never_fail() {
    let far = i64::MAX.to_string();
    for (text, seconds, nanoseconds) in [
        ("1.5", 1, 500_000_000),
        ("1000000000.123456789", 1_000_000_000, 123_456_789),
        ("-1", -1, 0),
        ("-1.25", -2, 750_000_000),
        ("4102444800", 4_102_444_800, 0),
    ] {
        let place = Place::new();
        let tar = Tar::new()
            .pax(&[("mtime", text.as_bytes())])
            .file("f", b"", |_| {})
            .pax(&[("mtime", text.as_bytes())])
            .directory("d", |_| {})
            .file("d/f", b"", |_| {})
            .pax(&[("mtime", text.as_bytes())])
            .link(EntryType::Symlink, "l", "f")
            .bytes();
        place.unpack(tar.as_slice()).unwrap();
        for path in ["f", "d", "l"] {
            let metadata = fs::symlink_metadata(place.root().join(path)).unwrap();
            assert_eq!((metadata.mtime(), metadata.mtime_nsec()), (seconds, nanoseconds), "{path} {text}");
        }
    }
    // What no file system can hold is cut down to what it can.
    for text in [far.as_str(), "-9223372036854775808", "-99999999999.999"] {
        let place = Place::new();
        place.unpack(Tar::new().pax(&[("mtime", text.as_bytes())]).file("f", b"", |_| {}).bytes().as_slice()).unwrap();
        let year_3000 = 32_503_680_000;
        assert_eq!(fs::metadata(place.root().join("f")).unwrap().mtime() > 0, !text.starts_with('-'));
        assert!(fs::metadata(place.root().join("f")).unwrap().mtime() < year_3000);
    }
    // In a header: two's complement.
    let place = Place::new();
    let tar = Tar::new().file("f", b"", |h| h.as_old_mut().mtime = [0xff; 12]).bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert_eq!(fs::metadata(place.root().join("f")).unwrap().mtime(), -1);
}

#[test]
fn names_are_bytes() {
    let place = Place::new();
    let long = [b"l".repeat(200), b"/".to_vec(), b"m".repeat(200)].concat();
    let names: &[&[u8]] =
        &[b"\xff\xfe", b"new\nline", b" ", b"-rf", b"a b", "ä".as_bytes(), &long, b"*", b"\\", b".wh"];
    let mut tar = Tar::new();
    for name in names {
        tar = tar.file(name, name, |_| {}).link(EntryType::Link, [*name, b"2"].concat(), name);
    }
    place.unpack(tar.bytes().as_slice()).unwrap();
    for name in names {
        let path = place.root().join(OsStr::from_bytes(name));
        assert_eq!(&fs::read(&path).unwrap(), name);
        assert_eq!(fs::metadata(path).unwrap().nlink(), 2);
    }
    // Both upper and lower case.
    let place = Place::new();
    place.unpack(Tar::new().file("Readme", b"1", |_| {}).file("README", b"2", |_| {}).bytes().as_slice()).unwrap();
    assert_eq!(fs::read_dir(place.root()).unwrap().count(), 2);
}

#[test]
fn the_more_particular_of_two_names_counts() {
    let pax =
        |tar: Tar| tar.pax(&[("path", b"pax"), ("uid", b"7"), ("gid", b"8"), ("size", b"2"), ("linkpath", b"to")]);
    let place = Place::new();
    let tar = pax(Tar::new()).file("header", b"xy", |h| h.set_uid(9));
    let tar = pax(tar).link(EntryType::Symlink, "header", "elsewhere");
    let tar = tar.meta(b'L', b"gnu\0rest").pax(&[("path", b"pax2")]).file("header", b"", |_| {});
    let tar = tar.meta(b'L', b"link").meta(b'K', b"target").link(EntryType::Symlink, "header", "elsewhere");
    // Of no file: Docker reads and ignores it.
    let tar = tar.meta(b'g', b"12 path=all\n");
    let tar = tar.pax(&[("path", b"")]).file("plain", b"", |_| {});
    place.unpack(tar.bytes().as_slice()).unwrap();
    let mut names: Vec<_> = fs::read_dir(place.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["gnu", "link", "pax", "plain"]);
    // The later entry.
    assert_eq!(fs::read_link(place.root().join("pax")).unwrap(), Path::new("to"));
    assert_eq!(fs::symlink_metadata(place.root().join("pax")).unwrap().uid(), 7);
    assert_eq!(fs::read_link(place.root().join("link")).unwrap(), Path::new("target"));
}

#[test]
fn other_formats_are_read_as_well() {
    let place = Place::new();
    // The first tars: no magic, and directories are files that end with a slash.
    let old = |name: &str, flag: u8| {
        let mut header = tar::Header::new_old();
        header.set_path(name).unwrap();
        header.as_old_mut().linkflag = [flag];
        header.set_mode(0o755);
        // Fields of other writers.
        header.as_old_mut().uid = *b"     0 \0";
        header.as_old_mut().gid = [0; 8];
        header.set_size(0);
        header.set_mtime(TIME);
        header.set_cksum();
        header
    };
    let mut directory = old("old", 0);
    directory.as_old_mut().name[3] = b'/';
    directory.set_cksum();
    let mut ustar = tar::Header::new_ustar();
    ustar.set_path(format!("{}/{}", "p".repeat(100), "f".repeat(90))).unwrap();
    ustar.set_size(0);
    ustar.set_mode(0o644);
    ustar.set_mtime(0);
    ustar.set_uid(0);
    ustar.set_gid(0);
    ustar.set_cksum();
    // Go before 1.8: a prefix where GNU has times.
    let mut go = tar::Header::new_gnu();
    go.set_path("name").unwrap();
    for set in [tar::Header::set_uid, tar::Header::set_gid, tar::Header::set_size, tar::Header::set_mtime] {
        set(&mut go, 0);
    }
    go.set_mode(0o644);
    go.as_mut_bytes()[345..351].copy_from_slice(b"prefix");
    go.set_cksum();
    let tar = Tar::new()
        .raw(directory.as_bytes())
        .raw(old("old/file", 0).as_bytes())
        .raw(ustar.as_bytes())
        .raw(go.as_bytes())
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert!(place.root().join("old/file").is_file());
    assert!(place.root().join("p".repeat(100)).join("f".repeat(90)).is_file());
    assert!(place.root().join("prefix/name").is_file());
}

#[test]
fn links_and_directories_have_no_data_whatever_their_size() {
    let place = Place::new();
    let tar = Tar::new().directory("d", |h| h.set_size(512)).file("f", b"data", |_| {}).bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("f")).unwrap(), b"data");
}
