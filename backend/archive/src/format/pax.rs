//! PAX records: what didn't fit into a header.

use super::number::{decimal, time};
use super::text;
use crate::error::{Error, Result};
use rustix::fs::Timespec;
use std::collections::BTreeMap;

/// What PAX extensions call extended attributes.
const XATTR: &[u8] = b"SCHILY.xattr.";

/// What the records before an entry say of it, as far as it matters to a layer. The last of several with a name counts,
/// and an empty one says nothing.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
    pub(super) size: Option<i64>,
    pub(super) user: Option<i64>,
    pub(super) group: Option<i64>,
    pub(super) modified: Option<Timespec>,
    /// All of them. Which are kept is not for the format to decide.
    pub(super) xattrs: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(super) sparse: SparseRecords,
}

/// `GNU.sparse.…`
#[derive(Debug, Default)]
pub(super) struct SparseRecords {
    pub(super) major: Vec<u8>,
    pub(super) minor: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) size: Option<i64>,
    pub(super) real_size: Option<i64>,
    pub(super) map: Vec<u8>,
}

impl Records {
    /// # Errors
    /// They aren't written as they have to be. Whatever others make of such records, it would not be the same.
    pub(super) fn parse(mut bytes: &[u8]) -> Result<Self> {
        let mut records = Self::default();
        // Version 0.0 of a sparse map: the same two keys again and again, which PAX has no place for.
        let mut map: Vec<&[u8]> = Vec::new();
        while !bytes.is_empty() {
            let (key, value, rest) = record(bytes).ok_or_else(damaged)?;
            bytes = rest;
            match key {
                b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                    let is_offset = key == b"GNU.sparse.offset";
                    if is_offset != map.len().is_multiple_of(2) || value.contains(&b',') {
                        return Err(damaged());
                    }
                    map.push(value);
                }
                _ => records.set(key, value).ok_or_else(damaged)?,
            }
        }
        if !map.is_empty() {
            records.sparse.map = map.join(&b',');
        }
        Ok(records)
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let number = || Some(if value.is_empty() { None } else { Some(decimal(value)?) });
        match key {
            b"path" => self.path = value.to_vec(),
            b"linkpath" => self.link = value.to_vec(),
            b"size" => self.size = number()?,
            b"uid" => self.user = number()?,
            b"gid" => self.group = number()?,
            b"mtime" => self.modified = if value.is_empty() { None } else { Some(time(value)?) },
            b"GNU.sparse.major" => self.sparse.major = value.to_vec(),
            b"GNU.sparse.minor" => self.sparse.minor = value.to_vec(),
            b"GNU.sparse.name" => self.sparse.name = value.to_vec(),
            b"GNU.sparse.size" => self.sparse.size = number()?,
            b"GNU.sparse.realsize" => self.sparse.real_size = number()?,
            b"GNU.sparse.map" => self.sparse.map = value.to_vec(),
            _ => {
                if let Some(name) = key.strip_prefix(XATTR) {
                    self.xattrs.insert(name.to_vec(), value.to_vec());
                }
            }
        }
        Some(())
    }
}

/// `<length> <key>=<value>\n`, and what follows it. The length is that of all of it, itself included.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr::memchr(b' ', bytes)?;
    let length = usize::try_from(decimal(&bytes[..space])?).ok()?;
    let text_start = space + 1;
    if length <= text_start || length > bytes.len() {
        return None;
    }
    let (record, rest) = bytes.split_at(length);
    let (newline, record) = record[text_start..].split_last()?;
    let equals = memchr::memchr(b'=', record)?;
    let (key, value) = (&record[..equals], &record[equals + 1..]);
    let must_be_text = if matches!(key, b"path" | b"linkpath" | b"GNU.sparse.name") { value } else { key };
    let is_good = *newline == b'\n' && !key.is_empty() && text(must_be_text).len() == must_be_text.len();
    is_good.then_some((key, value, rest))
}

fn damaged() -> Error {
    super::unreadable("the records before one of its entries are damaged")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_no_record_is_refused() {
        for bytes in [
            "",
            "1 ",
            "x",
            "3 =",
            "6 a=b\nx",
            "7 a=b\n",
            "5 a=b\n",
            "6 a=b ",
            "6 ab1\n",
            "5 =b\n",
            "-6 a=b\n",
            "06a=b\n",
            "99999999999999999999 a=b\n",
            "9223372036854775807 a=b\n",
            "0 a=b\n",
            "2 \n",
            "11 path=a\0b\n",
            "7 a\0=b\n",
            "8 size=x\n",
            "28 size=9223372036854775808\n",
            "9 mtime=x\n",
            "23 GNU.sparse.offset=1\n2",
            "25 GNU.sparse.numbytes=1\n",
            "25 GNU.sparse.offset=1,2\n",
        ] {
            assert_eq!(Records::parse(bytes.as_bytes()).is_ok(), bytes.is_empty(), "{bytes:?}");
        }
    }

    #[test]
    fn the_last_of_several_counts_and_an_empty_one_says_nothing() {
        let records = Records::parse(b"7 uid=1\n").unwrap_err();
        assert!(records.message.contains("damaged"), "{records}");
        let records = Records::parse(b"8 uid=1\n8 uid=2\n9 gid=10\n7 gid=\n11 path=\xff\xfe\n").unwrap();
        assert_eq!((records.user, records.group, records.path.as_slice()), (Some(2), None, b"\xff\xfe".as_slice()));
        let records = Records::parse(b"27 SCHILY.xattr.user.a=\0\n=\n").unwrap();
        assert_eq!(records.xattrs[b"user.a".as_slice()], b"\0\n=");
    }
}
