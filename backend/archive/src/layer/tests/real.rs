//! The same archives, unpacked by GNU tar and by us.

use super::*;
use std::os::unix::fs::{FileExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

#[test]
fn gnu_tar_makes_the_same_of_an_archive() {
    let source = Scratch::new();
    fill(source.path());
    for format in ["gnu", "pax", "posix", "oldgnu"] {
        let tar = Command::new("tar")
            .args(["--format", format, "--sparse", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-C"])
            .arg(source.path())
            .args(["-c", "."])
            .output()
            .unwrap();
        assert!(tar.status.success(), "{}", String::from_utf8_lossy(&tar.stderr));
        compare(&tar.stdout);
    }
}

/// What is not an image's is left out by us only, so it isn't in there.
fn fill(root: &Path) {
    fs::create_dir_all(root.join("usr/lib/deep/er")).unwrap();
    fs::write(root.join("usr/lib/deep/er/file"), vec![b'x'; 300_000]).unwrap();
    fs::write(root.join("set-id"), "#!/bin/sh\n").unwrap();
    chown(root.join("set-id"), Some(0), Some(42)).unwrap();
    fs::set_permissions(root.join("set-id"), fs::Permissions::from_mode(0o6755)).unwrap();
    fs::create_dir(root.join("sticky")).unwrap();
    fs::set_permissions(root.join("sticky"), fs::Permissions::from_mode(0o3777)).unwrap();
    chown(root.join("sticky"), Some(65_535), Some(65_535)).unwrap();
    fs::hard_link(root.join("set-id"), root.join("sticky/same")).unwrap();
    symlink("usr/lib", root.join("lib")).unwrap();
    symlink("/".repeat(150), root.join("long")).unwrap();
    fs::write(root.join("n".repeat(250)), "").unwrap();
    fs::create_dir_all(root.join("p".repeat(200)).join("q".repeat(200))).unwrap();
    fs::hard_link(root.join("n".repeat(250)), root.join("p".repeat(200)).join("link")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("pipe"), rustix::fs::Mode::RUSR).unwrap();
    let holes = fs::File::create(root.join("holes")).unwrap();
    holes.write_all_at(b"end", 10 << 20).unwrap();
    for (name, value) in [("user.note", b"x".as_slice()), ("user.binary", b"\0\xff")] {
        for path in ["set-id", "sticky"] {
            rustix::fs::setxattr(root.join(path), name, value, rustix::fs::XattrFlags::empty()).unwrap();
        }
    }
    let capability = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::setxattr(root.join("usr/lib/deep/er/file"), "security.capability", &capability, flags).unwrap();
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::new(86_400, 123_456_789);
    for path in ["set-id", "usr/lib", "sticky"] {
        fs::File::open(root.join(path)).unwrap().set_modified(old).unwrap();
    }
}

fn compare(tar: &[u8]) {
    let place = Place::new();
    place.unpack(tar).unwrap();
    let theirs = Scratch::new();
    let archive = theirs.path().join("archive");
    fs::write(&archive, tar).unwrap();
    let root = theirs.path().join("root");
    fs::create_dir(&root).unwrap();
    let status = Command::new("tar")
        .args(["--xattrs", "--xattrs-include=*", "--numeric-owner", "-p", "-C"])
        .arg(&root)
        .arg("-xf")
        .arg(&archive)
        .status();
    assert!(status.unwrap().success());
    snapshot::assert_same(&place.root(), &root);
}
