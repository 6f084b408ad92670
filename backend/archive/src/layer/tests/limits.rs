//! What an archive may not ask for.

use super::*;
use crate::testing::Tar;
use tar::EntryType;

fn message(tar: impl Read, limits: Limits) -> String {
    Place::new().unpack_within(tar, limits).unwrap_err().message
}

#[test]
fn an_archive_without_end_is_stopped() {
    let limits = Limits { archive: 1 << 20, ..Limits::default() };
    let header = Tar::new().file("a", b"", |h| h.set_size(1 << 29)).bytes()[..512].to_vec();
    assert!(message((&header[..]).chain(std::io::repeat(b'x')), limits).contains("larger than an image may be"));
    let empty = Tar::new().bytes();
    assert!(message(empty.as_slice().chain(std::io::repeat(0)), limits).contains("larger than an image may be"));
}

#[test]
fn names_and_records_without_end_do_not_fill_the_memory() {
    for kind in *b"LKxg" {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(EntryType::new(kind));
        header.set_size(30 << 30);
        header.set_cksum();
        let said = message(header.as_bytes().as_slice().chain(std::io::repeat(b'a')), Limits::default());
        assert!(said.contains("names and attributes"), "{said}");
    }
    // Records that belong to nothing, again and again.
    let many = (0..20).fold(Tar::new(), |tar, _| tar.meta(b'g', b"10 path=a\n")).bytes();
    Place::new().unpack(many.as_slice()).unwrap();
}

#[test]
fn entries_paths_and_bytes_are_counted() {
    let many = (0..20).fold(Tar::new(), |tar, i| tar.file(format!("file-{i}"), b"content", |_| {})).bytes();
    assert!(message(many.as_slice(), Limits { entries: 19, ..Limits::default() }).contains("19 entries"));
    assert!(message(many.as_slice(), Limits { paths: 100, ..Limits::default() }).contains("paths"));
    let said = message(many.as_slice(), Limits { bytes: 100, ..Limits::default() });
    assert!(said.contains("file-14") && said.contains("100 altogether"), "{said}");
    Place::new().unpack_within(many.as_slice(), Limits { bytes: 140, entries: 20, ..Limits::default() }).unwrap();
}

#[test]
fn directories_that_are_only_implied_are_counted_too() {
    let many = (0..20).fold(Tar::new(), |tar, i| tar.file(format!("{i}/{}f", "d/".repeat(100)), b"", |_| {})).bytes();
    let said = message(many.as_slice(), Limits { entries: 1000, ..Limits::default() });
    assert!(said.contains("directories which the archive does not have"), "{said}");
}

#[test]
fn ways_through_links_are_counted() {
    let tar = (0..20).fold(Tar::new().directory("d", |_| {}).link(EntryType::Symlink, "l", "d"), |tar, i| {
        tar.directory(format!("d/{i}"), |_| {}).file(format!("l/{i}/f"), b"", |_| {})
    });
    let tar = tar.bytes();
    assert!(message(tar.as_slice(), Limits { links: 39, ..Limits::default() }).contains("l/19/f is one of too many"));
    Place::new().unpack_within(tar.as_slice(), Limits { links: 40, ..Limits::default() }).unwrap();
}

#[test]
fn attributes_are_counted() {
    let names: Vec<_> = (0..20).map(|i| format!("user.{i}")).collect();
    let xattrs: Vec<_> = names.iter().map(|name| (name.as_str(), b"0123456789".as_slice())).collect();
    let tar = Tar::new().xattrs(&xattrs).file("a", b"", |_| {}).bytes();
    assert!(message(tar.as_slice(), Limits { xattrs: 19, ..Limits::default() }).contains("a has more than 19"));
    assert!(message(tar.as_slice(), Limits { bytes: 200, ..Limits::default() }).contains("200 altogether"));
    Place::new().unpack(tar.as_slice()).unwrap();
}

#[test]
fn a_full_disk_is_named() {
    let place = Place::new();
    let root = place.root();
    let (large, many) = with_own_mounts(move || {
        mount(Some("tmpfs"), &root, Some("tmpfs"), MsFlags::empty(), Some("size=64k,nr_inodes=10")).unwrap();
        let unpack_all =
            |tar: Vec<u8>| unpack(tar.as_slice(), fs::File::open(&root).unwrap().into(), Limits::default());
        let large = unpack_all(Tar::new().file("large", &[b'x'; 100_000], |_| {}).bytes()).unwrap_err();
        let many = (0..20).fold(Tar::new(), |tar, i| tar.directory(format!("d{i}"), |_| {}));
        (large, unpack_all(many.bytes()).unwrap_err())
    });
    for (error, name) in [(large, "large"), (many, "d8")] {
        assert_eq!(error.kind, crate::ErrorKind::System);
        assert!(error.message.contains("disk is full") && error.message.contains(name), "{error}");
    }
}
