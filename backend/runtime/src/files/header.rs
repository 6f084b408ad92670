//! What a tar says of a file, written as Docker (Go, in the PAX format) writes it.

use rustix::fs::Stat;
use std::io::{Result, Write};
use tar::{Builder, EntryType, Header};

/// What fits into the fields of old: bytes of a name, and numbers of 7 and 11 octal digits.
const LONGEST_NAME: usize = 100;
const LARGEST_ID: u32 = 0o777_7777;
const LARGEST_SIZE: u64 = 0o777_7777_7777;

/// An entry's head. What doesn't fit into it goes before it, as an extension of its own.
pub(super) struct Entry<'a> {
    pub(super) name: &'a [u8],
    pub(super) kind: EntryType,
    pub(super) stat: &'a Stat,
    /// Bytes that follow.
    pub(super) size: u64,
    /// Of links.
    pub(super) target: &'a [u8],
    pub(super) capability: Option<Vec<u8>>,
}

impl Entry<'_> {
    /// Writes what comes before the data, and answers the head that goes with it.
    pub(super) fn begin(&self, tar: &mut Builder<impl Write>) -> Result<Header> {
        let mut header = Header::new_ustar();
        let mut extensions: Vec<(&str, Vec<u8>)> = Vec::new();
        put(&mut header.as_old_mut().name, self.name, "path", &mut extensions);
        put(&mut header.as_old_mut().linkname, self.target, "linkpath", &mut extensions);
        for (id, key) in [(self.stat.st_uid, "uid"), (self.stat.st_gid, "gid")] {
            if id > LARGEST_ID {
                extensions.push((key, id.to_string().into_bytes()));
            }
        }
        if self.size > LARGEST_SIZE {
            extensions.push(("size", self.size.to_string().into_bytes()));
        }
        extensions.extend(self.capability.clone().map(|value| ("SCHILY.xattr.security.capability", value)));
        header.set_entry_type(self.kind);
        header.set_mode(self.stat.st_mode & 0o7777);
        header.set_uid(self.stat.st_uid.min(LARGEST_ID).into());
        header.set_gid(self.stat.st_gid.min(LARGEST_ID).into());
        header.set_size(self.size.min(LARGEST_SIZE));
        header.set_mtime(u64::try_from(self.stat.st_mtime).unwrap_or(0));
        if matches!(self.kind, EntryType::Char | EntryType::Block) {
            header.set_device_major(rustix::fs::major(self.stat.st_rdev))?;
            header.set_device_minor(rustix::fs::minor(self.stat.st_rdev))?;
        }
        header.set_cksum();
        if !extensions.is_empty() {
            tar.append_pax_extensions(extensions.iter().map(|(key, value)| (*key, value.as_slice())))?;
        }
        Ok(header)
    }
}

fn put<'k>(field: &mut [u8; LONGEST_NAME], text: &[u8], key: &'k str, extensions: &mut Vec<(&'k str, Vec<u8>)>) {
    for (to, from) in field.iter_mut().zip(text) {
        *to = *from;
    }
    if text.len() > LONGEST_NAME {
        extensions.push((key, text.to_vec()));
    }
}
