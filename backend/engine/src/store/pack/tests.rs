#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::testing::Scratch;
use rustix::fs::{CWD, XattrFlags, mknodat, setxattr};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, lchown, symlink};
use std::path::Path;

const BASE: u32 = 0x2000_0000;

fn pack(upper: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    Pack::new(&File::open(upper).unwrap().into(), BASE)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Each entry as `kind mode uid:gid path -> target xattrs`.
fn list(tar: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(tar);
    let line = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let extensions: Vec<_> = entry.pax_extensions().unwrap().into_iter().flatten().map(Result::unwrap).collect();
        let xattrs = extensions.iter().filter_map(|pax| {
            let name = pax.key().unwrap().strip_prefix("SCHILY.xattr.")?;
            Some(format!(" {name}={}", pax.value_bytes().escape_ascii()))
        });
        let xattrs: String = xattrs.collect();
        let header = entry.header();
        let kind = char::from(header.entry_type().as_byte());
        let (mode, uid, gid) = (header.mode().unwrap(), header.uid().unwrap(), header.gid().unwrap());
        let target = entry.link_name().unwrap().map_or(String::new(), |target| format!(" -> {}", target.display()));
        format!("{kind} {mode:o} {uid}:{gid} {}{target}{xattrs}", entry.path().unwrap().display())
    };
    archive.entries().unwrap().map(line).collect()
}

fn device(path: &Path, kind: FileType, number: u64) {
    mknodat(CWD, path, kind, Mode::from_raw_mode(0o640), number).unwrap();
}

fn capability(revision: u8, root: &[u8]) -> Vec<u8> {
    [&[1, 0, 0, revision][..], &[0; 16], root].concat()
}

#[test]
fn a_tree_of_everything() {
    let scratch = Scratch::new();
    let upper = scratch.path();
    let long = "l".repeat(150);
    for directory in ["b", "opaque", "b/deeper"] {
        fs::create_dir(upper.join(directory)).unwrap();
    }
    for file in ["a", "b/deeper/file", "foreign", &long, "able", "inner", "strange"] {
        fs::write(upper.join(file), file).unwrap();
    }
    fs::hard_link(upper.join("a"), upper.join("z")).unwrap();
    symlink(format!("/etc/{long}"), upper.join("link")).unwrap();
    device(&upper.join("gone"), FileType::CharacterDevice, 0);
    device(&upper.join("null"), FileType::CharacterDevice, rustix::fs::makedev(1, 3));
    device(&upper.join("pipe"), FileType::Fifo, 0);
    device(&upper.join("socket"), FileType::Socket, 0);
    for entry in walk(upper) {
        lchown(&entry, Some(BASE), Some(BASE + 5)).unwrap();
        if !entry.is_symlink() && entry.is_file() {
            fs::set_permissions(&entry, Permissions::from_mode(0o4755)).unwrap();
        }
    }
    chown(upper.join("foreign"), Some(0), Some(BASE + IDS)).unwrap();
    let set = |file: &str, name: &str, value: &[u8]| {
        setxattr(upper.join(file), name, value, XattrFlags::empty()).unwrap();
    };
    set("opaque", "trusted.overlay.opaque", b"y");
    set("b", "trusted.overlay.origin", b"x");
    set("b", "user.b", b"2");
    set("b", "user.a", b"1");
    set("able", "security.capability", &capability(3, &BASE.to_le_bytes()));
    set("inner", "security.capability", &capability(3, &(BASE + 7).to_le_bytes()));
    set("strange", "security.capability", &capability(3, &7_u32.to_le_bytes()));

    let zeros = "\\x00".repeat(16);
    let expected = [
        "0 4755 0:5 a".to_owned(),
        format!("0 4755 0:5 able security.capability=\\x01\\x00\\x00\\x02{zeros}"),
        "5 755 0:5 b/ user.a=1 user.b=2".to_owned(),
        "5 755 0:5 b/deeper/".to_owned(),
        "0 4755 0:5 b/deeper/file".to_owned(),
        "0 755 65534:65534 foreign".to_owned(),
        "0 600 0:0 .wh.gone".to_owned(),
        format!("0 4755 0:5 inner security.capability=\\x01\\x00\\x00\\x03{zeros}\\x07\\x00\\x00\\x00"),
        format!("2 777 0:5 link -> /etc/{long}"),
        format!("0 4755 0:5 {long}"),
        "3 640 0:5 null".to_owned(),
        "5 755 0:5 opaque/".to_owned(),
        "0 755 0:5 opaque/.wh..wh..opq".to_owned(),
        "6 640 0:5 pipe".to_owned(),
        "0 4755 0:5 strange".to_owned(),
        "1 4755 0:5 z -> a".to_owned(),
    ];
    let packed = pack(upper).unwrap();
    assert_eq!(list(&packed), expected);
    assert_eq!(pack(upper).unwrap(), packed, "the same again");
}

fn walk(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn contents_come_whole_in_pieces_of_any_size() {
    let scratch = Scratch::new();
    let content: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    for (name, length) in [("block", 512), ("empty", 0), ("large", content.len()), ("odd", 777)] {
        fs::write(scratch.path().join(name), &content[..length]).unwrap();
    }
    let whole = pack(scratch.path()).unwrap();
    let mut archive = tar::Archive::new(&whole[..]);
    let lengths = archive.entries().unwrap().map(|entry| {
        let mut bytes = Vec::new();
        entry.unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, content[..bytes.len()]);
        bytes.len()
    });
    assert_eq!(lengths.collect::<Vec<_>>(), [512, 0, content.len(), 777]);
    assert_eq!(whole.len() % 512, 0);
    for size in [1, 511, 4096] {
        let mut pieces = Vec::new();
        let mut pack = Pack::new(&File::open(scratch.path()).unwrap().into(), BASE).unwrap();
        let mut buffer = vec![0; size];
        loop {
            match pack.read(&mut buffer).unwrap() {
                0 => break,
                read => pieces.extend_from_slice(&buffer[..read]),
            }
        }
        assert_eq!(pieces, whole);
    }
}

/// What shrinks while it is read is filled up: the entries after it stay where they belong.
#[test]
fn a_file_that_shrinks_breaks_nothing() {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("a"), vec![b'a'; 100_000]).unwrap();
    fs::write(scratch.path().join("b"), "b").unwrap();
    let mut pack = Pack::new(&File::open(scratch.path()).unwrap().into(), BASE).unwrap();
    let mut bytes = vec![0; 1024];
    pack.read_exact(&mut bytes).unwrap();
    fs::write(scratch.path().join("a"), "").unwrap();
    fs::remove_file(scratch.path().join("b")).unwrap();
    pack.read_to_end(&mut bytes).unwrap();
    assert_eq!(list(&bytes).len(), 1);
    assert_eq!(bytes.len(), 512 + 100_352 + 1024);
}

#[test]
fn what_no_image_has_is_refused() {
    let deep = Scratch::new();
    fs::create_dir_all(deep.path().join("d/".repeat(300))).unwrap();
    assert!(pack(deep.path()).unwrap_err().to_string().contains("nested deeper"));

    let redirected = Scratch::new();
    fs::create_dir(redirected.path().join("d")).unwrap();
    setxattr(redirected.path().join("d"), "trusted.overlay.redirect", b"/other", XattrFlags::empty()).unwrap();
    assert!(pack(redirected.path()).unwrap_err().to_string().contains("redirect_dir"));
}
