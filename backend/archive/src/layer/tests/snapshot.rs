//! All that there is to know of a tree of files.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What one of them is. Equal ones can't be told from each other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) mode: u32,
    owner: (u32, u32),
    modified: (i64, i64),
    links: u64,
    size: u64,
    xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    /// A file's digest, or where a link leads.
    content: String,
}

impl Seen {
    /// Nothing that only the machine may make.
    pub(super) fn assert_is_a_layers(&self, path: &Path) {
        let is_whiteout = self.mode & 0o170_000 == 0o020_000 && self.size == 0;
        let is_usual = [0o100_000, 0o040_000, 0o120_000, 0o010_000].contains(&(self.mode & 0o170_000));
        assert!(is_whiteout || is_usual, "{}: {:o}", path.display(), self.mode);
        assert!(self.owner.0 <= 65_535 && self.owner.1 <= 65_535, "{}", path.display());
        for (name, value) in &self.xattrs {
            let is_opaque = name == b"trusted.overlay.opaque" && value == b"y" && self.mode & 0o170_000 == 0o040_000;
            assert!(is_opaque || name.starts_with(b"user."), "{}: {}", path.display(), String::from_utf8_lossy(name));
        }
    }
}

pub(super) fn of(root: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut seen = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(path) = pending.pop() {
        let metadata = fs::symlink_metadata(&path).unwrap();
        if metadata.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let content = match metadata.file_type() {
            kind if kind.is_file() => super::sha256(&fs::read(&path).unwrap()),
            kind if kind.is_symlink() => format!("{:?}", fs::read_link(&path).unwrap()),
            _ => String::new(),
        };
        let this = Seen {
            mode: metadata.mode(),
            owner: (metadata.uid(), metadata.gid()),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            links: if metadata.is_dir() { 0 } else { metadata.nlink() },
            // Of a device, which one: a whiteout is 0.
            size: if metadata.is_file() { metadata.len() } else { metadata.rdev() },
            xattrs: xattrs(&path),
            content,
        };
        seen.insert(path.strip_prefix(root).unwrap().to_owned(), this);
    }
    seen
}

fn xattrs(path: &Path) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut names = vec![0; 1 << 16];
    let length = rustix::fs::llistxattr(path, &mut names).unwrap();
    let names = names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let mut value = vec![0; 1 << 16];
            let length = rustix::fs::lgetxattr(path, name, &mut value).unwrap();
            (name.to_vec(), value[..length].to_vec())
        })
        .collect()
}

/// Says the first difference, for a person.
pub(super) fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (of(one), of(other));
    for path in one.keys().chain(other.keys()) {
        assert_eq!(one.get(path), other.get(path), "{}", path.display());
    }
}
