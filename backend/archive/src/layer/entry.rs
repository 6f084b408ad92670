//! What an archive says of one entry, checked.

use super::fault::Fault;
use crate::error::{Error, Result};
use crate::format::Entry;
use rustix::fs::{Gid, Mode, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Highest id that a virtual host can show: it has 65,536 of them.
const LAST_ID: i64 = 65_535;

/// The kernel's own limit of a path.
const LONGEST_PATH: usize = 4096;

/// Deeper than any file of an image; keeps what a path costs in proportion.
pub(super) const DEEPEST_PATH: usize = 256;

/// An entry's path, relative to the layer's root; empty for the root itself. `a/../b` is `b`, whatever `a` is, as to Go.
///
/// # Errors
/// It leads out of the image, or is longer or deeper than any in one. `what` names it as Docker does.
pub(super) fn path(bytes: &[u8], what: &str) -> Result<PathBuf> {
    let given = Path::new(OsStr::from_bytes(bytes));
    let mut path = PathBuf::new();
    let (mut depth, mut deepest) = (0_usize, 0);
    for component in given.components() {
        match component {
            Component::Normal(name) => {
                path.push(name);
                depth += 1;
                deepest = deepest.max(depth);
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
            Component::ParentDir if path.pop() => depth -= 1,
            Component::ParentDir => return Err(Error::invalid(format!("invalid {what} {:?}", shown(given)))),
        }
    }
    if bytes.len() >= LONGEST_PATH || deepest > DEEPEST_PATH {
        return Err(Error::invalid(format!(
            "The archive has a path that is longer or deeper than any in an image: {}",
            shown(given)
        )));
    }
    Ok(path)
}

/// Owner, permissions, time and attributes.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) user: Uid,
    pub(super) group: Gid,
    pub(super) mode: Mode,
    pub(super) times: Timestamps,
    xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Metadata {
    /// # Errors
    /// An owner that no virtual host could have, or too many attributes.
    pub(super) fn of(entry: &mut Entry, path: &Path, most_xattrs: usize) -> Result<Self> {
        let id = |id: i64| match u32::try_from(id) {
            Ok(raw) if id <= LAST_ID => Ok(raw),
            _ => Err(Error::invalid(format!(
                "The archive's entry {} belongs to id {id}; a virtual host has ids up to {LAST_ID}.",
                path.display()
            ))),
        };
        let all = std::mem::take(&mut entry.xattrs);
        let xattrs: Vec<_> = all.into_iter().filter(|(name, _)| belongs_to_image(name)).collect();
        if xattrs.len() > most_xattrs {
            return Err(Error::invalid(format!(
                "The archive's entry {} has more than {most_xattrs} attributes.",
                path.display()
            )));
        }
        Ok(Self {
            user: Uid::from_raw(id(entry.user)?),
            group: Gid::from_raw(id(entry.group)?),
            // The kind has its own field; writers put it here, too, or not.
            mode: Mode::from_raw_mode((entry.mode & 0o7777) as u32),
            times: Timestamps { last_access: entry.modified, last_modification: entry.modified },
            xattrs,
        })
    }

    /// What they take of the disk, at most.
    pub(super) fn bytes(&self) -> u64 {
        self.xattrs.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum()
    }

    /// Gives them to an open file, directory or FIFO.
    pub(super) fn apply(&self, file: impl AsFd) -> Result<(), Fault> {
        let file = file.as_fd();
        // In this order: a new owner costs the set-id bits and the file capabilities.
        rustix::fs::fchown(file, Some(self.user), Some(self.group))?;
        rustix::fs::fchmod(file, self.mode)?;
        for (name, value) in &self.xattrs {
            match rustix::fs::fsetxattr(file, name.as_slice(), value, XattrFlags::empty()) {
                Ok(()) => {}
                // As Docker: a file system without attributes can still hold the files. And FIFOs have none.
                Err(Errno::OPNOTSUPP | Errno::PERM) => {}
                // The file system has a place for attributes, which is not the disk.
                Err(Errno::NOSPC | Errno::TOOBIG | Errno::RANGE) => {
                    return Err(Fault::Entry("has attributes that are larger than a file system allows"));
                }
                Err(Errno::INVAL) => return Err(Fault::Entry("has an attribute that makes no sense")),
                Err(errno) => return Err(errno.into()),
            }
        }
        // The kernel cuts times down to what the file system can hold.
        rustix::fs::futimens(file, &self.times)?;
        Ok(())
    }
}

/// The others are the machine's: an overlay's marks would redirect its lookups, labels belong to a policy.
fn belongs_to_image(xattr: &[u8]) -> bool {
    xattr == b"security.capability"
        || (xattr.len() > b"user.".len() && xattr.starts_with(b"user.") && !xattr.starts_with(b"user.overlay."))
}

/// The beginning of a path that nobody has checked.
fn shown(path: &Path) -> String {
    path.display().to_string().chars().take(200).collect()
}
