//! What a tar says of a file, written as Docker (Go, in the PAX format) writes it.

use crate::format::BLOCK;
use rustix::fs::Stat;
use std::io::Result;
use tar::{Builder, Header};

pub use tar::EntryType;

/// How a tar ends.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// What fits into the fields of old: bytes of a name, and numbers of 7 and 11 octal digits.
const LONGEST_NAME: usize = 100;
const LARGEST_ID: u32 = 0o777_7777;
const LARGEST_SIZE: u64 = 0o777_7777_7777;

/// An entry's head. What doesn't fit into it goes before it, as an extension of its own.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    pub name: &'a [u8],
    pub kind: EntryType,
    /// Permissions; other bits are left out.
    pub mode: u32,
    pub user: u32,
    pub group: u32,
    /// Seconds since the epoch; what lies before is written as 0.
    pub modified: i64,
    /// Number of a device.
    pub device: u64,
    /// Bytes that follow.
    pub size: u64,
    /// Of links.
    pub target: &'a [u8],
    /// Extended attributes: name and value.
    pub xattrs: &'a [(String, Vec<u8>)],
}

impl<'a> Head<'a> {
    /// Of what the kernel says this of, and no bytes follow.
    pub fn of(name: &'a [u8], kind: EntryType, stat: &Stat) -> Self {
        Self {
            name,
            kind,
            mode: stat.st_mode,
            user: stat.st_uid,
            group: stat.st_gid,
            modified: stat.st_mtime,
            device: stat.st_rdev,
            size: 0,
            target: b"",
            xattrs: &[],
        }
    }

    /// All that comes before the data.
    ///
    /// # Errors
    /// A device's number doesn't fit.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut header = Header::new_ustar();
        let mut extensions: Vec<(String, Vec<u8>)> = Vec::new();
        put(&mut header.as_old_mut().name, self.name, "path", &mut extensions);
        put(&mut header.as_old_mut().linkname, self.target, "linkpath", &mut extensions);
        for (id, key) in [(self.user, "uid"), (self.group, "gid")] {
            if id > LARGEST_ID {
                extensions.push((key.to_owned(), id.to_string().into_bytes()));
            }
        }
        if self.size > LARGEST_SIZE {
            extensions.push(("size".to_owned(), self.size.to_string().into_bytes()));
        }
        let named = |(name, value): &(String, Vec<u8>)| (format!("SCHILY.xattr.{name}"), value.clone());
        extensions.extend(self.xattrs.iter().map(named));
        header.set_entry_type(self.kind);
        header.set_mode(self.mode & 0o7777);
        header.set_uid(self.user.min(LARGEST_ID).into());
        header.set_gid(self.group.min(LARGEST_ID).into());
        header.set_size(self.size.min(LARGEST_SIZE));
        header.set_mtime(u64::try_from(self.modified).unwrap_or(0));
        if matches!(self.kind, EntryType::Char | EntryType::Block) {
            header.set_device_major(rustix::fs::major(self.device))?;
            header.set_device_minor(rustix::fs::minor(self.device))?;
        }
        header.set_cksum();
        let mut tar = Builder::new(Vec::new());
        tar.append_pax_extensions(extensions.iter().map(|(key, value)| (key.as_str(), value.as_slice())))?;
        // Not `into_inner`, which would end the archive.
        let mut bytes = std::mem::take(tar.get_mut());
        bytes.extend_from_slice(header.as_bytes());
        Ok(bytes)
    }
}

/// Zeros that come after an entry's data.
pub fn padding(size: u64) -> &'static [u8] {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    if over == 0 { &[] } else { &END[..BLOCK - over] }
}

fn put(field: &mut [u8; LONGEST_NAME], text: &[u8], key: &str, extensions: &mut Vec<(String, Vec<u8>)>) {
    for (to, from) in field.iter_mut().zip(text) {
        *to = *from;
    }
    if text.len() > LONGEST_NAME {
        extensions.push((key.to_owned(), text.to_vec()));
    }
}
