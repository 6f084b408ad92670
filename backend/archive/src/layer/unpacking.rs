//! From entries to files.

use super::entry::{self, Metadata};
use super::fault::Fault;
use super::tree::{Inode, Tree};
use super::whiteout::Meaning;
use crate::content::{Unwritten, write_content};
use crate::error::{Error, Result};
use crate::format::{Entries, Entry, Kind};
use crate::limits::Limits;
use rustix::fs::Timestamps;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// Unpacks all entries, and reads what follows them. Answers how many bytes the files have.
pub(super) fn unpack(tar: impl BufRead, directory: OwnedFd, limits: Limits) -> Result<u64> {
    let mut unpacking = Unpacking {
        tree: Tree::new(directory, &limits),
        limits,
        left: limits.bytes,
        size: 0,
        paths_left: limits.paths,
        directories: BTreeMap::new(),
        gone: BTreeSet::new(),
        opaque: BTreeSet::new(),
    };
    let mut entries = Entries::new(tar);
    let mut count = 0;
    while let Some(entry) = entries.next()? {
        count += 1;
        if count > limits.entries {
            return Err(Error::invalid(format!("The archive has more than {} entries.", limits.entries)));
        }
        unpacking.entry(entry, &mut entries)?;
    }
    unpacking.finish()?;
    // Docker, too, has these bytes in a layer's digest, and looks at none of them.
    entries.drain()?;
    Ok(unpacking.size)
}

struct Unpacking {
    tree: Tree,
    limits: Limits,
    /// Bytes that may still be written.
    left: u64,
    size: u64,
    paths_left: usize,
    /// Their times are set at the end: what is put into a directory changes them.
    directories: BTreeMap<PathBuf, (Inode, Timestamps)>,
    /// What the layers below have and this image hasn't: at the end it is known what this layer has in its place,
    /// whichever came first.
    gone: BTreeSet<PathBuf>,
    opaque: BTreeSet<PathBuf>,
}

impl Unpacking {
    fn entry(&mut self, mut entry: Entry, entries: &mut Entries<impl BufRead>) -> Result<()> {
        self.paths_left = self
            .paths_left
            .checked_sub(entry.name.len())
            .ok_or_else(|| Error::invalid("The archive's paths are too many or too long."))?;
        let path = entry::path(&entry.name, "entry name")?;
        match Meaning::of(&path).map_err(|fault| fault.at(&path))? {
            Meaning::Plain => self.make(&path, &mut entry, entries)?,
            Meaning::Ignored => {}
            Meaning::Gone(path) => drop(self.gone.insert(path)),
            Meaning::Opaque(path) => drop(self.opaque.insert(path)),
        }
        Ok(())
    }

    fn make(&mut self, path: &Path, entry: &mut Entry, entries: &mut Entries<impl BufRead>) -> Result<()> {
        if entry.kind == Kind::Device {
            // A container gets its own, and nobody else's: a 0:0 would even be a whiteout.
            return Ok(());
        }
        let metadata = Metadata::of(entry, path, self.limits.xattrs)?;
        self.claim(path, metadata.bytes())?;
        let made = match entry.kind {
            Kind::File => return self.file(path, entry, entries, &metadata),
            Kind::Directory => self.tree.directory(path, &metadata).map(|inode| {
                self.directories.insert(path.to_owned(), (inode, metadata.times));
            }),
            Kind::Symlink if entry.link.is_empty() => Err(Fault::Entry("is a link that leads nowhere")),
            Kind::Symlink => {
                // Docker counts a link's target as its content.
                self.size += entry.link.len() as u64;
                self.tree.symlink(path, &entry.link, &metadata)
            }
            Kind::HardLink => self.tree.hard_link(path, &entry::path(&entry.link, "hardlink target")?),
            Kind::Fifo => self.tree.fifo(path, &metadata),
            Kind::Device => Ok(()),
            Kind::Other(flag) => {
                return Err(Error::invalid(format!(
                    "The archive's entry {} is of a kind that no image has ({:?}).",
                    path.display(),
                    char::from(flag)
                )));
            }
        };
        made.map_err(|fault| fault.at(path))
    }

    fn file(
        &mut self,
        path: &Path,
        entry: &Entry,
        entries: &mut Entries<impl BufRead>,
        metadata: &Metadata,
    ) -> Result<()> {
        let fault = |fault: Fault| fault.at(path);
        let size = entry.sparse.as_ref().map_or(entry.stored, |sparse| sparse.size);
        self.claim(path, size)?;
        self.size += size;
        let file = self.tree.file(path).map_err(fault)?;
        write_content(entry, entries, &file).map_err(|unwritten| match unwritten {
            Unwritten::Archive(error) => error,
            Unwritten::File(error) => fault(error.into()),
        })?;
        metadata.apply(&file).map_err(fault)
    }

    /// Before the first byte is written: what an entry only claims to be is refused as well.
    fn claim(&mut self, path: &Path, bytes: u64) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Error::invalid(format!(
                "The archive's entry {} has {bytes} bytes: more than an image may, which is {} altogether.",
                path.display(),
                self.limits.bytes
            ))
        })?;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        // First all directories that these need: one of them may lie in what another says is gone.
        for path in &self.gone {
            self.tree.place(path).map_err(|fault| fault.at(path))?;
        }
        for path in &self.opaque {
            self.tree.opaque(path).map_err(|fault| fault.at(path))?;
        }
        for path in &self.gone {
            self.tree.whiteout(path).map_err(|fault| fault.at(path))?;
        }
        for (path, (inode, times)) in &self.directories {
            self.tree.set_times(path, *inode, times).map_err(|fault| fault.at(path))?;
        }
        Ok(())
    }
}
