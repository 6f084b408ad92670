//! For tests: archives, also such as no honest program writes, and places to unpack them.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tar::{EntryType, Header};

/// When every entry was changed, in seconds since the epoch.
pub const TIME: u64 = 1_000_000_000;

/// A tar in the making. Paths go in as they are.
#[expect(missing_debug_implementations, reason = "its builder has none")]
pub struct Tar(tar::Builder<Vec<u8>>);

impl Tar {
    #[expect(clippy::new_without_default, reason = "a test says `new`")]
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    /// `adjust` has the last word on the header, its size and checksum.
    pub fn file(self, path: impl AsRef<[u8]>, content: &[u8], adjust: impl FnOnce(&mut Header)) -> Self {
        let mut header = header(EntryType::Regular);
        header.set_size(content.len() as u64);
        adjust(&mut header);
        self.append(header, path.as_ref(), content)
    }

    pub fn directory(self, path: impl AsRef<[u8]>, adjust: impl FnOnce(&mut Header)) -> Self {
        let mut header = header(EntryType::Directory);
        adjust(&mut header);
        self.append(header, path.as_ref(), b"")
    }

    pub fn link(self, kind: EntryType, path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.link_with(kind, path, target, |_| {})
    }

    pub fn link_with(
        mut self,
        kind: EntryType,
        path: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        adjust: impl FnOnce(&mut Header),
    ) -> Self {
        let target = target.as_ref();
        if target.len() > 100 {
            self = self.long(EntryType::GNULongLink, target);
        }
        let mut header = header(kind);
        put(&mut header.as_old_mut().linkname, target);
        adjust(&mut header);
        self.append(header, path.as_ref(), b"")
    }

    pub fn special(self, path: &str, kind: EntryType) -> Self {
        self.append(header(kind), path.as_bytes(), b"")
    }

    /// Of the next entry.
    pub fn xattrs(self, xattrs: &[(&str, &[u8])]) -> Self {
        let named: Vec<_> = xattrs.iter().map(|(name, value)| (format!("SCHILY.xattr.{name}"), *value)).collect();
        self.pax(&named.iter().map(|(name, value)| (name.as_str(), *value)).collect::<Vec<_>>())
    }

    /// Records of the next entry.
    pub fn pax(mut self, records: &[(&str, &[u8])]) -> Self {
        self.0.append_pax_extensions(records.iter().copied()).unwrap();
        self
    }

    /// An entry that others don't show, with whatever is in it.
    pub fn meta(self, kind: u8, content: &[u8]) -> Self {
        let mut header = header(EntryType::new(kind));
        header.set_size(content.len() as u64);
        self.append(header, b"meta", content)
    }

    /// Bytes as they are, which should be whole blocks.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.get_mut().extend_from_slice(bytes);
        self
    }

    /// With the two blocks of zeros at the end.
    pub fn bytes(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }

    fn append(mut self, mut header: Header, path: &[u8], content: &[u8]) -> Self {
        if path.len() > 100 {
            self = self.long(EntryType::GNULongName, path);
        }
        put(&mut header.as_old_mut().name, path);
        header.set_cksum();
        self.0.append(&header, content).unwrap();
        self
    }

    fn long(mut self, kind: EntryType, text: &[u8]) -> Self {
        let mut header = header(kind);
        header.set_size(text.len() as u64);
        put(&mut header.as_old_mut().name, b"././@LongLink");
        header.set_cksum();
        self.0.append(&header, text).unwrap();
        self
    }
}

fn header(kind: EntryType) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header.set_mtime(TIME);
    header
}

fn put(field: &mut [u8; 100], text: &[u8]) {
    let length = text.len().min(100);
    field[..length].copy_from_slice(&text[..length]);
}

/// A directory that goes when it is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lernhafen-test-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
