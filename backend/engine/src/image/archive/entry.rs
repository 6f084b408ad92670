//! What an archive says of one entry, checked.

use crate::{Error, Result};
use rustix::fs::{Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};
use std::ffi::OsStr;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Highest id that a virtual host can show: it has 65,536 of them.
const LAST_ID: u64 = 65_535;

/// The kernel's own limit of a path.
const LONGEST_PATH: usize = 4096;

/// Deeper than any file of an image; keeps what a path costs in proportion.
const DEEPEST_PATH: usize = 256;

const XATTR: &str = "SCHILY.xattr.";

/// An entry's path, relative to the layer's root; empty for the root itself.
///
/// # Errors
/// It leads upwards, or is longer or deeper than any in an image.
pub(super) fn path(bytes: &[u8]) -> Result<PathBuf> {
    let given = Path::new(OsStr::from_bytes(bytes));
    let mut path = PathBuf::new();
    let mut depth = 0;
    for component in given.components() {
        match component {
            Component::Normal(name) => path.push(name),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => continue,
            Component::ParentDir => {
                let given: String = given.display().to_string().chars().take(200).collect();
                return Err(Error::invalid(format!("The archive's entry {given} leads out of the image.")));
            }
        }
        depth += 1;
    }
    if bytes.len() >= LONGEST_PATH || depth > DEEPEST_PATH {
        return Err(Error::invalid("The archive has a path that is longer or deeper than any in an image."));
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
    xattrs: Vec<(String, Vec<u8>)>,
}

impl Metadata {
    /// # Errors
    /// A number that is none, or an owner that no virtual host could have.
    pub(super) fn of(entry: &mut tar::Entry<'_, impl Read>, path: &Path) -> Result<Self> {
        let wrong = |e: &dyn std::fmt::Display| {
            Error::invalid(format!("The archive's entry {} is damaged: {e}", path.display()))
        };
        let xattrs = xattrs(entry).map_err(|e| wrong(&e))?;
        let header = entry.header();
        let id = |id: std::io::Result<u64>| match id {
            Ok(id) if id <= LAST_ID => u32::try_from(id).map_err(|e| wrong(&e)),
            Ok(id) => Err(Error::invalid(format!(
                "The archive's entry {} belongs to id {id}; a virtual host has ids up to {LAST_ID}.",
                path.display()
            ))),
            Err(e) => Err(wrong(&e)),
        };
        let time =
            Timespec { tv_sec: header.mtime().map_err(|e| wrong(&e))?.try_into().map_err(|e| wrong(&e))?, tv_nsec: 0 };
        Ok(Self {
            user: Uid::from_raw(id(header.uid())?),
            group: Gid::from_raw(id(header.gid())?),
            mode: Mode::from_raw_mode(header.mode().map_err(|e| wrong(&e))? & 0o7777),
            times: Timestamps { last_access: time, last_modification: time },
            xattrs,
        })
    }

    /// Gives them to an open file or directory.
    pub(super) fn apply(&self, file: impl AsFd) -> std::io::Result<()> {
        let file = file.as_fd();
        // In this order: a new owner costs the set-id bits and the file capabilities.
        rustix::fs::fchown(file, Some(self.user), Some(self.group))?;
        rustix::fs::fchmod(file, self.mode)?;
        for (name, value) in &self.xattrs {
            rustix::fs::fsetxattr(file, name.as_str(), value, XattrFlags::empty())?;
        }
        rustix::fs::futimens(file, &self.times)?;
        Ok(())
    }
}

fn xattrs(entry: &mut tar::Entry<'_, impl Read>) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut kept = Vec::new();
    let Some(extensions) = entry.pax_extensions()? else { return Ok(kept) };
    for extension in extensions {
        let extension = extension?;
        let Ok(key) = extension.key() else { continue };
        if key.starts_with("GNU.sparse.") {
            return Err(std::io::Error::other("it is sparse in a way that can't be read"));
        }
        if let Some(name) = key.strip_prefix(XATTR).filter(|name| belongs_to_image(name)) {
            kept.push((name.to_owned(), extension.value_bytes().to_owned()));
        }
    }
    Ok(kept)
}

/// The others are the machine's: an overlay's marks would redirect its lookups, labels belong to a policy.
fn belongs_to_image(xattr: &str) -> bool {
    xattr == "security.capability" || (xattr.starts_with("user.") && !xattr.starts_with("user.overlay."))
}
