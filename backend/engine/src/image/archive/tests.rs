#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::image::testing::{TIME, Tar};
use crate::testing::Scratch;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use tar::EntryType;

/// A directory to unpack into, and beside it what an archive must not reach.
struct Place {
    scratch: Scratch,
}

impl Place {
    fn new() -> Self {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path().join("root")).unwrap();
        fs::create_dir(scratch.path().join("outside")).unwrap();
        fs::write(scratch.path().join("outside/secret"), "secret").unwrap();
        Self { scratch }
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("root")
    }

    fn outside(&self) -> PathBuf {
        self.scratch.path().join("outside")
    }

    fn unpack(&self, tar: impl Read) -> Result<Unpacked> {
        self.unpack_within(tar, Limits::default())
    }

    fn unpack_within(&self, tar: impl Read, limits: Limits) -> Result<Unpacked> {
        let result = unpack(tar, fs::File::open(self.root()).unwrap().into(), limits);
        self.assert_nothing_outside();
        result
    }

    fn assert_nothing_outside(&self) {
        assert_eq!(fs::read_dir(self.scratch.path()).unwrap().count(), 2);
        assert_eq!(fs::read_dir(self.outside()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(self.outside().join("secret")).unwrap(), "secret");
        assert_eq!(fs::metadata(self.outside().join("secret")).unwrap().nlink(), 1);
    }
}

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
        .link(EntryType::Symlink, "sbin", "bin")
        .link(EntryType::Link, "bin/same", "bin/tool")
        .special("pipe", EntryType::Fifo)
        .special("disk", EntryType::Block)
        .bytes();
    let unpacked = place.unpack(tar.as_slice()).unwrap();
    assert_eq!(unpacked.diff_id, crate::image::digest::sha256(&tar));
    assert_eq!(unpacked.size, 10);

    let tool = place.root().join("bin/tool");
    let metadata = fs::metadata(&tool).unwrap();
    assert_eq!((metadata.mode() & 0o7777, metadata.uid(), metadata.gid()), (0o4755, 1000, 65_535));
    assert_eq!((metadata.nlink(), metadata.mtime()), (2, TIME as i64));
    let mail = fs::metadata(place.root().join("var/mail")).unwrap();
    assert_eq!((mail.mode() & 0o7777, mail.mtime()), (0o2775, TIME as i64));
    assert_eq!(fs::read_link(place.root().join("sbin")).unwrap(), Path::new("bin"));
    assert!(fs::symlink_metadata(place.root().join("pipe")).is_ok());
    assert!(fs::symlink_metadata(place.root().join("disk")).is_err());
    let mut value = [0; 16];
    let length = rustix::fs::getxattr(&tool, "user.note", &mut value).unwrap();
    assert_eq!(&value[..length], b"kept");
    assert!(rustix::fs::getxattr(&tool, "trusted.overlay.redirect", &mut value).is_err());
}

#[test]
fn the_root_is_what_its_entry_says() {
    let place = Place::new();
    place.unpack(Tar::new().directory("./", |h| h.set_mode(0o711)).bytes().as_slice()).unwrap();
    assert_eq!(fs::metadata(place.root()).unwrap().permissions().mode() & 0o7777, 0o711);
}

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
fn paths_upwards_are_refused() {
    for path in ["../outside/new", "a/../../outside/new", "/../outside/new", ".."] {
        let place = Place::new();
        let error = place.unpack(Tar::new().file(path, b"x", |_| {}).bytes().as_slice()).unwrap_err();
        assert!(error.message.contains("leads out of the image"), "{path}: {error}");
    }
}

#[test]
fn absolute_paths_stay_inside() {
    let place = Place::new();
    let path = place.outside().join("new");
    place.unpack(Tar::new().file(path.to_str().unwrap(), b"x", |_| {}).bytes().as_slice()).unwrap();
    assert!(place.root().join(path.strip_prefix("/").unwrap()).exists());
}

#[test]
fn links_are_followed_inside_only() {
    let outside = Place::new().outside();
    for target in ["../outside", outside.to_str().unwrap(), "../../../../../../../../tmp", "/proc/self/cwd"] {
        let place = Place::new();
        let tar = Tar::new().link(EntryType::Symlink, "way", target).file("way/secret", b"overwritten", |_| {}).bytes();
        // Whether the target exists inside decides whether this works.
        let _ = place.unpack(tar.as_slice());
        place.assert_nothing_outside();
    }
    let place = Place::new();
    let tar = Tar::new()
        .directory("usr/lib", |_| {})
        .link(EntryType::Symlink, "lib", "/usr/lib")
        .file("lib/new", b"x", |_| {})
        .bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert!(place.root().join("usr/lib/new").exists());
}

#[test]
fn a_link_at_the_end_is_replaced_not_followed() {
    let place = Place::new();
    let secret = place.outside().join("secret");
    let tar =
        Tar::new().link(EntryType::Symlink, "a", secret.to_str().unwrap()).file("a", b"overwritten", |_| {}).bytes();
    place.unpack(tar.as_slice()).unwrap();
    assert_eq!(fs::read(place.root().join("a")).unwrap(), b"overwritten");
}

#[test]
fn hard_links_stay_inside() {
    let place = Place::new();
    let secret = place.outside().join("secret");
    for target in [secret.to_str().unwrap(), "../outside/secret", "way/secret"] {
        let tar = Tar::new()
            .link(EntryType::Symlink, "way", place.outside().to_str().unwrap())
            .link(EntryType::Link, "a", target)
            .bytes();
        place.unpack(tar.as_slice()).unwrap_err();
        assert!(!place.root().join("a").exists());
    }
}

#[test]
fn an_archive_that_is_cut_off_is_refused_wherever_it_ends() {
    let tar = Tar::new().file("a", &[b'x'; 3000], |_| {}).file("b", b"y", |_| {}).bytes();
    for end in [0, 100, 512, 600, 2048, 3583, 3584, 4000, tar.len() - 1025, tar.len() - 513] {
        let place = Place::new();
        let error = place.unpack(&tar[..end]).unwrap_err();
        assert_eq!(error.kind, crate::ErrorKind::InvalidParameter, "{end}: {error}");
    }
    Place::new().unpack(tar.as_slice()).unwrap();
}

#[test]
fn noise_is_no_archive() {
    let noise: Vec<u8> = (0..20_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    Place::new().unpack(noise.as_slice()).unwrap_err();
}

#[test]
fn sizes_that_are_claimed_only_are_refused() {
    for size in [u64::MAX, 1 << 62, 33 << 30] {
        let place = Place::new();
        let tar = Tar::new().file("a", b"x", |h| h.set_size(size)).bytes();
        place.unpack(tar.as_slice()).unwrap_err();
        assert!(fs::metadata(place.root().join("a")).map_or(0, |m| m.len()) < 4096);
    }
}

#[test]
fn an_archive_without_end_is_stopped() {
    let limits = Limits { bytes: 1 << 20, entries: 1000, paths: 10_000 };
    let header = Tar::new().file("a", b"", |h| h.set_size(1 << 19)).bytes()[..512].to_vec();
    let endless = (&header[..]).chain(std::io::repeat(b'x'));
    Place::new().unpack_within(endless, limits).unwrap_err();

    let endless = Tar::new().file("a", b"", |_| {}).bytes();
    let endless = endless.as_slice().chain(std::io::repeat(0));
    let error = Place::new().unpack_within(endless, limits).unwrap_err();
    assert!(error.message.contains("larger"), "{error}");
}

#[test]
fn a_name_without_end_does_not_fill_the_memory() {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    header.set_size(30 << 30);
    header.set_cksum();
    let endless = header.as_bytes().as_slice().chain(std::io::repeat(b'a'));
    let error = Place::new().unpack(endless).unwrap_err();
    assert!(error.message.contains("names and attributes"), "{error}");
}

#[test]
fn too_many_entries_and_paths_are_refused() {
    let many = (0..20).fold(Tar::new(), |tar, i| tar.file(&format!("file-{i}"), b"", |_| {})).bytes();
    let limits = Limits { entries: 19, ..Limits::default() };
    assert!(Place::new().unpack_within(many.as_slice(), limits).unwrap_err().message.contains("19 entries"));
    let limits = Limits { paths: 100, ..Limits::default() };
    assert!(Place::new().unpack_within(many.as_slice(), limits).unwrap_err().message.contains("paths"));
    let deep = Tar::new().file(&"d/".repeat(300), b"", |_| {}).bytes();
    assert!(Place::new().unpack(deep.as_slice()).unwrap_err().message.contains("deeper"));
}

#[test]
fn an_owner_outside_of_a_hosts_ids_is_refused() {
    let tar = Tar::new().file("a", b"", |h| h.set_uid(65_536)).bytes();
    let error = Place::new().unpack(tar.as_slice()).unwrap_err();
    assert!(error.message.contains("65536"), "{error}");
}

#[test]
fn a_directory_is_not_replaced_by_a_file() {
    let tar = Tar::new().file("a/b", b"", |_| {}).file("a", b"", |_| {}).bytes();
    Place::new().unpack(tar.as_slice()).unwrap_err();
}
