//! Attacks, one to a line. Whatever becomes of the archive, nothing outside is touched.

use super::*;
use crate::testing::Tar;
use tar::EntryType::{Block, Char, Fifo, Link, Symlink};

/// What must become of an archive.
enum Must {
    /// An error that has this in it.
    Fail(&'static str),
    /// All of these are there, and the root has no others at its top.
    Make(&'static [&'static str]),
}
use Must::{Fail, Make};

#[test]
fn attacks_come_to_nothing() {
    let place = Place::new();
    let outside = place.outside().to_str().unwrap().to_owned();
    let secret = format!("{outside}/secret");
    let nested = "l/".repeat(200);
    let new = Tar::new;
    let x = |_: &mut tar::Header| {};
    let attacks = [
        // Ways upwards.
        ("..", new().file("..", b"x", x), Fail("invalid entry name \"..\"")),
        ("../a", new().file("../outside/secret", b"x", x), Fail("invalid entry name")),
        ("a/../../b", new().file("a/../../outside/secret", b"x", x), Fail("invalid entry name")),
        ("/../a", new().file("/../outside/secret", b"x", x), Fail("invalid entry name")),
        ("a/..", new().directory("a/..", x), Make(&[])),
        ("a/../b", new().file("a/../b", b"x", x), Make(&["b"])),
        ("l/../b", new().link(Symlink, "l", "/proc").file("l/../b", b"x", x), Make(&["b", "l"])),
        (".. in PAX", new().pax(&[("path", b"../outside/secret")]).file("a", b"x", x), Fail("invalid entry name")),
        (".. in GNU", new().meta(b'L', b"../outside/secret").file("a", b"x", x), Fail("invalid entry name")),
        (".. as sparse", new().pax(&sparse(b"../outside/secret")).file("a", b"x", x), Fail("invalid entry name")),
        ("absolute", new().file(&secret, b"x", x), Make(&["tmp"])),
        ("absolute, twice", new().file("//a", b"x", x), Make(&["a"])),
        // Links on the way.
        ("link up", new().link(Symlink, "w", "../outside").file("w/secret", b"x", x), Fail("leads out of the image")),
        ("link to /", new().link(Symlink, "w", "/").file("w/outside/secret", b"x", x), Make(&["w", "outside"])),
        ("link out", new().link(Symlink, "w", &outside).file("w/secret", b"x", x), Make(&["tmp", "w"])),
        (
            "link far up",
            new().link(Symlink, "w", "../../../..").file("w/secret", b"x", x),
            Fail("leads out of the image"),
        ),
        ("magic", new().link(Symlink, "w", "/proc/self/cwd").file("w/x", b"x", x), Make(&["proc", "w"])),
        (
            "chain",
            new().link(Symlink, "a", "b").link(Symlink, "b", &outside).file("a/secret", b"x", x),
            Make(&["a", "b", "tmp"]),
        ),
        ("late", new().directory("d/e", x).link(Symlink, "d", &outside).file("d/secret", b"x", x), Make(&["d", "tmp"])),
        (
            "inner",
            new().directory("d", x).link(Symlink, "d/e", "..").file("d/e/secret", b"x", x),
            Make(&["d", "secret"]),
        ),
        (
            "inner, up",
            new().directory("d", x).link(Symlink, "d/e", "../..").file("d/e/secret", b"x", x),
            Fail("leads out of the image"),
        ),
        (
            "up behind a link",
            new().directory("d", x).link(Symlink, "l", "d").link(Symlink, "d/e", "../../x").file("l/e/f", b"x", x),
            Fail("leads out of the image"),
        ),
        (
            "up behind what is made",
            new().link(Symlink, "l", "a/b/../../../outside").file("l/secret", b"x", x),
            Fail("leads out of the image"),
        ),
        ("circle", new().link(Symlink, "a", "b").link(Symlink, "b", "a").file("a/x", b"x", x), Fail("more links")),
        ("self", new().link(Symlink, "a", "a").file("a/x", b"x", x), Fail("more links")),
        ("long chain", chain(50).file("l0/x", b"x", x), Fail("more links")),
        ("chain that may be", chain(30).directory("l30", x).file("l0/x", b"x", x), Make(&[])),
        ("directory", new().link(Symlink, "w", &outside).directory("w", |h| h.set_mode(0o777)), Make(&["w"])),
        ("directory in", new().link(Symlink, "w", &outside).directory("w/d", x), Make(&["tmp", "w"])),
        // Links at the end: what they lead to is neither written nor changed.
        ("write through", new().link(Symlink, "a", &secret).file("a", b"x", x), Make(&["a"])),
        ("chmod through", new().link(Symlink, "a", &secret).directory("a", |h| h.set_mode(0o777)), Make(&["a"])),
        ("mode of a link", new().link(Symlink, "a", &secret), Make(&["a"])),
        ("pipe through", new().link(Symlink, "a", &secret).special("a", Fifo), Make(&["a"])),
        ("xattr of a link", new().xattrs(&[("user.a", b"x")]).link(Symlink, "a", &secret), Make(&["a"])),
        // Hard links.
        ("hard out", new().link(Link, "a", &secret), Fail("not there")),
        ("hard up", new().link(Link, "a", "../outside/secret"), Fail("invalid hardlink target \"../outside/secret\"")),
        ("hard through", new().link(Symlink, "w", &outside).link(Link, "a", "w/secret"), Fail("not there")),
        ("hard to link", new().link(Symlink, "s", &secret).link(Link, "a", "s").file("a", b"x", x), Make(&["a", "s"])),
        ("hard to directory", new().directory("d", x).link(Link, "a", "d"), Fail("hard link to a directory")),
        ("hard to root", new().link(Link, "a", "/"), Fail("hard link to a directory")),
        ("hard to nothing", new().link(Link, "a", ""), Fail("hard link to a directory")),
        ("hard to later", new().link(Link, "a", "b").file("b", b"", x), Fail("not there")),
        ("hard into its own", new().file("d/f", b"", x).link(Link, "d", "d/f"), Fail("not there")),
        ("hard to a file's inside", new().file("f", b"", x).link(Link, "a", "f/b"), Fail("not there")),
        ("symlink to nothing", new().link(Symlink, "a", ""), Fail("leads nowhere")),
        // Whiteouts.
        ("gone: nothing", new().file(".wh.", b"", x), Fail("not what")),
        ("gone: .", new().file("d/.wh..", b"", x), Fail("not what")),
        ("gone: ..", new().file("d/.wh...", b"", x), Fail("not what")),
        ("gone: / in PAX", new().pax(&[("path", b".wh./outside")]).file("a", b"", x), Fail("not there any more")),
        ("below what is gone", new().file(".wh.d/a", b"", x), Fail("not there any more")),
        ("gone behind link", new().link(Symlink, "w", &outside).file("w/.wh.secret", b"", x), Make(&["tmp", "w"])),
        ("opaque behind link", new().link(Symlink, "w", &outside).file("w/.wh..wh..opq", b"", x), Make(&["tmp", "w"])),
        (
            "opaque link",
            new().directory("d", x).link(Symlink, "w", "d").file("w/.wh..wh..opq", b"", x),
            Make(&["d", "w"]),
        ),
        ("opaque file", new().file("f", b"", x).file("f/.wh..wh..opq", b"", x), Fail("no directory")),
        ("gone in a file", new().file("f", b"", x).file("f/.wh.a", b"", x), Fail("no directory")),
        // Devices: left out, and no way to a whiteout.
        ("c 0:0", device("a", Char, 0, 0), Make(&[])),
        ("c 1:1", device("a", Char, 1, 1), Make(&[])),
        ("b 8:0", device("a", Block, 8, 0), Make(&[])),
        ("device over file", device_after(new().file("a", b"", x)), Make(&["a"])),
        ("hard to device", new().special("a", Char).link(Link, "b", "a"), Fail("not there")),
        ("hard to gone", new().file(".wh.a", b"", x).link(Link, "b", "a"), Fail("not there")),
        ("opaque by xattr", new().xattrs(&[("trusted.overlay.opaque", b"y")]).directory("d", x), Make(&["d"])),
        // Names.
        ("no name", new().file("", b"x", x), Fail("no name")),
        ("root as file", new().file("./", b"x", x), Fail("no name")),
        ("root as link", new().link(Symlink, "/", &outside), Fail("no name")),
        ("root as hard link", new().file("a", b"", x).link(Link, ".", "a"), Fail("no name")),
        ("root as pipe", new().special(".", Fifo), Fail("no name")),
        ("NUL in PAX", new().pax(&[("path", b"a\0b")]).file("c", b"", x), Fail("records")),
        ("NUL in a link's PAX", new().pax(&[("linkpath", b"a\0b")]).link(Symlink, "c", "d"), Fail("records")),
        ("NUL in GNU", new().meta(b'L', b"a\0../b").file("c", b"", x), Make(&["a"])),
        ("long name", new().file("n".repeat(256), b"", x), Fail("longer than a file's may be")),
        ("long path", new().file("n/".repeat(2100), b"", x), Fail("longer or deeper")),
        ("deep", new().file("d/".repeat(300), b"", x), Fail("longer or deeper")),
        ("long target", new().link(Symlink, "a", "t".repeat(5000)), Fail("longer than a file's may be")),
        ("file below a file", new().file("a", b"", x).file("a/b", b"", x), Fail("no directory")),
        // Owners, and attributes.
        ("uid", new().file("a", b"", |h| h.set_uid(65_536)), Fail("id 65536; a virtual host has ids up to 65535")),
        ("gid", new().file("a", b"", |h| h.set_gid(1 << 40)), Fail("belongs to id 1099511627776")),
        ("uid in PAX", new().pax(&[("uid", b"-1")]).file("a", b"", x), Fail("belongs to id -1")),
        ("uid that wraps", new().pax(&[("uid", b"4294967296")]).file("a", b"", x), Fail("id 4294967296")),
        ("negative uid", new().file("a", b"", |h| h.as_old_mut().uid = [0xff; 8]), Fail("belongs to id -1")),
        (
            "xattr too large",
            new().xattrs(&[("user.a", &[0; 70_000])]).file("a", b"", x),
            Fail("attributes that are larger"),
        ),
        ("xattr too large for a block", new().xattrs(&[("user.a", &[0; 5000])]).file("a", b"", x), Fail("attributes")),
        (
            "xattr name",
            new().xattrs(&[(&format!("user.{}", "a".repeat(300)), b"")]).file("a", b"", x),
            Fail("attributes"),
        ),
        ("capability", new().xattrs(&[("security.capability", b"x")]).file("a", b"", x), Fail("makes no sense")),
        // A tree that is deeper than its paths.
        ("deep through links", deeper(&nested), Fail("nested deeper")),
    ];
    drop(place);
    for (name, tar, must) in attacks {
        let place = Place::new();
        // Where the links lead to, this time.
        let tar = replace(tar.bytes(), outside.as_bytes(), place.outside().to_str().unwrap().as_bytes());
        let result = place.unpack(tar.as_slice());
        match must {
            Fail(words) => {
                let said = result.err().map(|error| (error.kind, error.message));
                let is_right = said
                    .as_ref()
                    .is_some_and(|(kind, message)| *kind != crate::ErrorKind::System && message.contains(words));
                assert!(is_right, "{name}: {said:?}");
            }
            Make(paths) => {
                assert!(result.is_ok(), "{name}: {result:?}");
                for path in paths {
                    assert!(fs::symlink_metadata(place.root().join(path)).is_ok(), "{name}: {path}");
                }
                let there = fs::read_dir(place.root()).unwrap().count();
                assert!(name == "chain that may be" || there == paths.len(), "{name}: {there}");
            }
        }
    }
}

#[test]
fn devices_are_no_whiteouts() {
    let place = Place::new();
    let tar = device("a", Char, 0, 0).special("d/b", Char).file("d/c", b"", |_| {}).bytes();
    place.unpack(tar.as_slice()).unwrap();
    for (path, seen) in snapshot::of(&place.root()) {
        assert!([0o100_000, 0o040_000].contains(&(seen.mode & 0o170_000)), "{}", path.display());
    }
}

#[test]
fn a_mode_is_a_mode_and_no_kind() {
    let place = Place::new();
    let tar = Tar::new().file("a", b"", |h| h.set_mode(0o060_644)).file("b", b"", |h| h.as_old_mut().mode = [0xff; 8]);
    place.unpack(tar.bytes().as_slice()).unwrap();
    assert_eq!(fs::metadata(place.root().join("a")).unwrap().mode(), 0o100_644);
    assert_eq!(fs::metadata(place.root().join("b")).unwrap().mode(), 0o107_777);
}

fn sparse(name: &'static [u8]) -> [(&'static str, &'static [u8]); 4] {
    [("GNU.sparse.map", b"0,1"), ("GNU.sparse.size", b"1"), ("GNU.sparse.name", name), ("GNU.sparse.major", b"")]
}

fn device(path: &str, kind: tar::EntryType, major: u32, minor: u32) -> Tar {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_path(path).unwrap();
    header.set_mode(0o666);
    header.set_size(0);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_device_major(major).unwrap();
    header.set_device_minor(minor).unwrap();
    header.set_cksum();
    Tar::new().raw(header.as_bytes())
}

fn device_after(tar: Tar) -> Tar {
    tar.special("a", Block)
}

/// Links, each to the next.
fn chain(length: usize) -> Tar {
    (0..length).fold(Tar::new(), |tar, i| tar.link(Symlink, format!("l{i}"), format!("l{}", i + 1)))
}

/// Directories within directories, farther down than a path may go, and then a file in place of the topmost.
fn deeper(path: &str) -> Tar {
    let path = path.trim_end_matches('/');
    Tar::new().directory(path, |_| {}).link(Symlink, "short", path).directory(format!("short/{path}"), |_| {}).file(
        "l",
        b"",
        |_| {},
    )
}

/// The same length, or the archive would be another.
fn replace(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&bytes[at..], from) {
        bytes[at + found..at + found + to.len()].copy_from_slice(to);
        at += found + to.len();
    }
    // Headers have sums.
    for block in bytes.as_chunks_mut::<512>().0 {
        mutated::fix_checksum(block);
    }
    bytes
}
