//! An image's tar archive becomes a directory, whatever the archive tries.

mod entry;
mod metered;
mod tree;

use crate::{Error, Result};
use entry::Metadata;
use metered::{Meter, Metered};
use rustix::fs::Timestamps;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use tree::Tree;

/// What an archive may ask for before it is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) entries: u64,
    /// Bytes of the archive, and of what it unpacks to.
    pub(crate) bytes: u64,
    /// Bytes of all its paths together.
    pub(crate) paths: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 1_000_000, bytes: 32 << 30, paths: 128 << 20 }
    }
}

/// What an archive was.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// `sha256:…` of the archive's bytes.
    pub(super) diff_id: String,
    /// Bytes of the files.
    pub(super) size: u64,
    /// Bytes of the archive.
    pub(super) tar_size: u64,
}

/// Unpacks an uncompressed tar into an empty directory that nobody else can reach. Owners, modes, times, links and
/// attributes are kept; device nodes are left out, as a container gets its own.
///
/// # Errors
/// The archive is broken or cut off, breaks a limit, or names a place outside of the directory; the disk is full.
/// What is in the directory then is of no use.
pub(super) fn unpack(tar: impl Read, directory: OwnedFd, limits: Limits) -> Result<Unpacked> {
    let meter = Meter::new(limits.bytes);
    let mut archive = tar::Archive::new(Metered::new(tar, meter.clone()));
    let mut unpacking = Unpacking { tree: Tree::new(directory), limits, written: 0, paths: 0, directories: Vec::new() };
    let mut entries = archive.entries().map_err(broken)?;
    let mut count = 0;
    loop {
        meter.expect_headers();
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(broken)?;
        meter.expect_data();
        count += 1;
        if count > limits.entries {
            return Err(Error::invalid(format!("The archive has more than {} entries.", limits.entries)));
        }
        unpacking.entry(&mut entry)?;
        // Whatever else it carries is read here, where the meter counts it as data.
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(broken)?;
    }
    unpacking.finish()?;

    meter.expect_data();
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(broken)?;
    if !meter.ends_with_zeros() {
        return Err(Error::invalid(
            "The archive ends in the middle: its end mark is missing. Fetch or build it again.",
        ));
    }
    Ok(Unpacked { diff_id: format!("sha256:{}", meter.sha256()), size: unpacking.written, tar_size: meter.total() })
}

struct Unpacking {
    tree: Tree,
    limits: Limits,
    written: u64,
    paths: usize,
    /// Their times are set at the end: what is put into a directory changes them.
    directories: Vec<(PathBuf, Timestamps)>,
}

impl Unpacking {
    fn entry(&mut self, entry: &mut tar::Entry<'_, impl Read>) -> Result<()> {
        let path = entry::path(&entry.path_bytes())?;
        self.paths += path.as_os_str().len();
        if self.paths > self.limits.paths {
            return Err(Error::invalid("The archive's paths are too many or too long."));
        }
        let metadata = Metadata::of(entry, &path)?;
        match entry.header().entry_type() {
            tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => {
                self.file(entry, &path, &metadata)
            }
            tar::EntryType::Directory => {
                self.tree.directory(&path, &metadata).map_err(|e| cannot_write(&path, &e))?;
                self.directories.push((path, metadata.times));
                Ok(())
            }
            tar::EntryType::Symlink => {
                let target = link_target(entry, &path)?;
                self.tree.symlink(&path, &target, &metadata).map_err(|e| cannot_write(&path, &e))
            }
            tar::EntryType::Link => {
                let target = entry::path(&link_target(entry, &path)?)?;
                self.tree.hard_link(&path, &target).map_err(|e| cannot_write(&path, &e))
            }
            tar::EntryType::Fifo => self.tree.fifo(&path, &metadata).map_err(|e| cannot_write(&path, &e)),
            tar::EntryType::Char | tar::EntryType::Block | tar::EntryType::XGlobalHeader => Ok(()),
            other => Err(Error::invalid(format!(
                "The archive's entry {} is of a kind that no image has ({:?}).",
                path.display(),
                char::from(other.as_byte())
            ))),
        }
    }

    fn file(&mut self, entry: &mut tar::Entry<'_, impl Read>, path: &Path, metadata: &Metadata) -> Result<()> {
        let left = self.limits.bytes - self.written;
        let size = entry.size();
        if size > left {
            return Err(Error::invalid(format!(
                "The archive's entry {} claims {size} bytes; an image may have {} altogether.",
                path.display(),
                self.limits.bytes
            )));
        }
        let mut file = self.tree.file(path).map_err(|e| cannot_write(path, &e))?;
        let written = std::io::copy(entry, &mut file).map_err(|e| cannot_write(path, &e))?;
        if written != size {
            return Err(Error::invalid(format!("The archive ends within its entry {}.", path.display())));
        }
        self.written += written;
        metadata.apply(&file).map_err(|e| cannot_write(path, &e))
    }

    fn finish(&self) -> Result<()> {
        for (path, times) in &self.directories {
            self.tree.set_times(path, times).map_err(|e| cannot_write(path, &e))?;
        }
        Ok(())
    }
}

fn link_target(entry: &tar::Entry<'_, impl Read>, path: &Path) -> Result<Vec<u8>> {
    match entry.link_name_bytes() {
        Some(target) if !target.is_empty() => Ok(target.into_owned()),
        _ => Err(Error::invalid(format!("The archive's link {} leads nowhere.", path.display()))),
    }
}

fn broken(error: std::io::Error) -> Error {
    Error::invalid(format!("The archive can't be read: {error}"))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::system(format!("The archive's entry {} can't be unpacked: {error}", path.display()))
}

#[cfg(test)]
mod tests;
