//! Entries that lie behind links: they are where Docker 28.5 puts them.

use super::*;
use crate::testing::Tar;
use tar::EntryType::{Link, Symlink};

#[test]
fn entries_go_where_links_lead() {
    let new = Tar::new;
    let x = |_: &mut tar::Header| {};
    let l = |tar: Tar, path: &str, target: &str| tar.link(Symlink, path, target);
    for (name, tar, expected) in [
        ("before its target", l(new(), "lib", "usr/lib").file("lib/foo", b"", x), "lib usr usr/lib usr/lib/foo"),
        (
            "behind its target",
            l(new().directory("usr/lib", x), "lib", "usr/lib").file("lib/foo", b"", x),
            "lib usr usr/lib usr/lib/foo",
        ),
        ("absolute", l(new(), "etcl", "/etc").file("etcl/foo", b"", x), "etc etc/foo etcl"),
        ("absolute, deep", l(new(), "a/b/l", "/etc").file("a/b/l/foo", b"", x), "a a/b a/b/l etc etc/foo"),
        ("relative, deep", l(new(), "a/l", "../b/c").file("a/l/x", b"", x), "a a/l b b/c b/c/x"),
        ("directories", l(new(), "lib", "usr/lib").directory("lib/a/b", x), "lib usr usr/lib usr/lib/a usr/lib/a/b"),
        ("chain", l(l(new(), "a", "b"), "b", "c/d").file("a/x", b"", x), "a b c c/d c/d/x"),
        ("chain, mixed", l(l(new(), "a", "/b/c"), "b", "d").file("a/x", b"", x), "a b d d/c d/c/x"),
        ("links behind links", l(l(new(), "a", "b"), "a/l", "m").file("a/l/x", b"", x), "a b b/l b/m b/m/x"),
        ("pipes", l(new(), "a", "b").special("a/p", tar::EntryType::Fifo), "a b b/p"),
        ("a hard link", l(new().file("f", b"", x), "a", "b").link(Link, "a/h", "f"), "a b b/h f"),
        ("what it links to", l(new().file("b/f", b"", x), "a", "/b").link(Link, "h", "a/f"), "a b b/f h"),
        ("what is gone", l(new(), "a", "b").file("a/.wh.f", b"", x), "a b b/f"),
    ] {
        let place = Place::new();
        let unpacked = place.unpack(tar.bytes().as_slice());
        assert!(unpacked.is_ok(), "{name}: {unpacked:?}");
        let seen: Vec<_> = snapshot::of(&place.root()).into_keys().map(|path| path.display().to_string()).collect();
        assert_eq!(seen[1..].join(" "), expected, "{name}");
    }
}

#[test]
fn a_target_that_comes_later_is_what_it_says() {
    let place = Place::new();
    let tar = Tar::new()
        .link(Symlink, "lib", "usr/lib")
        .file("lib/foo", b"", |_| {})
        .directory("usr", |h| h.set_mode(0o750))
        .directory("usr/lib", |h| {
            h.set_mode(0o700);
            h.set_uid(5);
        });
    place.unpack(tar.bytes().as_slice()).unwrap();
    let of =
        |path: &str| fs::metadata(place.root().join(path)).map(|found| (found.mode() & 0o7777, found.uid())).unwrap();
    assert_eq!([of("usr"), of("usr/lib"), of("usr/lib/foo")], [(0o750, 0), (0o700, 5), (0o755, 0)]);
}

/// Nothing is known of the layers below: there, what one of them has a link for is a directory again, as in Docker.
#[test]
fn what_is_made_on_the_way_is_anybodys() {
    let place = Place::new();
    place.unpack(Tar::new().file("lib/foo", b"", |h| h.set_mode(0o4711)).bytes().as_slice()).unwrap();
    let found = fs::symlink_metadata(place.root().join("lib")).unwrap();
    assert_eq!((found.is_dir(), found.mode() & 0o7777, found.uid()), (true, 0o755, 0));
}

/// Unlike Docker, which makes a program of root's of it.
#[test]
fn a_hard_links_header_changes_nothing_of_its_file() {
    let place = Place::new();
    let tar = Tar::new()
        .file("f", b"x", |h| {
            h.set_mode(0o644);
            h.set_uid(7);
        })
        .pax(&[("mtime", b"5"), ("SCHILY.xattr.user.a", b"1")])
        .link_with(Link, "h", "f", |h| {
            h.set_mode(0o4755);
            h.set_uid(0);
        })
        .link(Symlink, "s", "f")
        .link_with(Link, "t", "s", |h| h.set_mode(0o4755));
    place.unpack(tar.bytes().as_slice()).unwrap();
    let found = fs::metadata(place.root().join("h")).unwrap();
    assert_eq!((found.mode() & 0o7777, found.uid(), found.nlink()), (0o644, 7, 2));
    assert_ne!(found.mtime(), 5);
    assert_eq!(place.xattr("f", "user.a"), None);
    assert!(fs::symlink_metadata(place.root().join("t")).unwrap().is_symlink());
}
