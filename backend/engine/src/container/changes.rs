//! `docker diff`. It reads a container's own layer, never what is in the files.

use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat, fgetxattr, openat, openat2, statat};
use rustix::io::Errno;
use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Bytes of all paths that are listed: they are held in the server's memory, not in the container's.
const MOST_BYTES: usize = 32 << 20;
/// Names of one directory that are held in memory.
const MOST_NAMES: usize = 100_000;
/// Directories in one another that are looked into: each takes a descriptor.
const DEEPEST: usize = 500;

/// A path that isn't as the image has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub kind: ChangeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    Modified,
    Added,
    Deleted,
}

impl VirtualHost {
    /// What a container has changed of its image's files.
    pub async fn container_changes(&self, name: &str) -> Result<Vec<Change>> {
        let container = self.container(name)?;
        let upper = self.container_dir(&container.id).join("upper");
        let (layers, id_base) = (self.layers_of(&container)?, self.record.id_base);
        let _one_at_a_time = self.kinds.containers.walking.lock().await;
        blocking(move || {
            let layers = layers.iter().map(|layer| directory(layer)).collect::<rustix::io::Result<_>>()?;
            let mut walk = Walk { layers, id_base, changes: Vec::new(), bytes: 0 };
            walk.directory(&directory(&upper)?, Path::new(""), true, 0)?;
            Ok(walk.changes)
        })
        .await
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> rustix::io::Result<T> + Send + 'static,
) -> Result<T> {
    let cannot = |error: std::io::Error| {
        let message = format!("cannot read what the container has written: {error}");
        Error::new(ErrorKind::System, message)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Err(Errno::TOOBIG)) => Err(Error::invalid(format!(
            "the container has written too many files to list, or nested directories deeper than {DEEPEST}: that is not listed"
        ))),
        Ok(done) => done.map_err(|error| cannot(error.into())),
        Err(error) => Err(cannot(error.into())),
    }
}

struct Walk {
    /// Below the container's own, topmost first.
    layers: Vec<OwnedFd>,
    /// What is written belongs to ids from here on; in the layers below, they begin with 0.
    id_base: u32,
    changes: Vec<Change>,
    bytes: usize,
}

impl Walk {
    /// In Docker's order: what there is, then what is gone. `was_there`: the image has this directory, too.
    fn directory(&mut self, own: &OwnedFd, path: &Path, was_there: bool, depth: usize) -> rustix::io::Result<()> {
        if depth >= DEEPEST || self.bytes > MOST_BYTES {
            return Err(Errno::TOOBIG);
        }
        let mut gone = Vec::new();
        let own_entries = entries(own)?;
        for (name, stat) in &own_entries {
            let path = path.join(name);
            let below = if was_there { self.below(&path) } else { None };
            if is_whiteout(stat) {
                gone.extend(below.map(|_| path));
                continue;
            }
            let before = self.changes.len();
            let changed = below.as_ref().is_none_or(|below| differ(stat, below, self.id_base));
            if changed {
                self.push(&path, if below.is_some() { ChangeKind::Modified } else { ChangeKind::Added });
            }
            if kind(stat) == FileType::Directory {
                let inner = match openat(own, name, DIRECTORY, Mode::empty()) {
                    // It has gone, or become something else, while we look.
                    Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => continue,
                    other => other?,
                };
                let was_there = below.is_some_and(|below| kind(&below) == FileType::Directory);
                self.directory(&inner, &path, was_there, depth + 1)?;
                if !changed && self.changes.len() > before {
                    // A directory in which something has changed counts as changed.
                    self.changes.insert(before, Change { path: shown(&path), kind: ChangeKind::Modified });
                }
            }
        }
        if was_there && is_opaque(own) {
            let hidden = self.names_below(path).into_iter().filter(|name| !own_entries.contains_key(name));
            gone.extend(hidden.map(|name| path.join(name)));
        }
        gone.sort();
        gone.iter().for_each(|path| self.push(path, ChangeKind::Deleted));
        Ok(())
    }

    fn push(&mut self, path: &Path, kind: ChangeKind) {
        self.bytes += path.as_os_str().len();
        self.changes.push(Change { path: shown(path), kind });
    }

    /// What the image has there.
    fn below(&self, path: &Path) -> Option<Stat> {
        for layer in &self.layers {
            match at(layer, path, OFlags::PATH | OFlags::NOFOLLOW).and_then(rustix::fs::fstat) {
                Ok(stat) if is_whiteout(&stat) => return None,
                Ok(stat) => return Some(stat),
                Err(_) => {}
            }
        }
        None
    }

    fn names_below(&self, path: &Path) -> HashSet<OsString> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let opened = self.layers.iter().filter_map(|layer| at(layer, path, DIRECTORY).ok());
        opened.filter_map(|layer| entries(&layer).ok()).flat_map(BTreeMap::into_keys).collect()
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

pub(super) fn directory(path: &Path) -> rustix::io::Result<OwnedFd> {
    openat(CWD, path, DIRECTORY, Mode::empty())
}

/// Beneath a layer, whatever links there are.
fn at(layer: &OwnedFd, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    openat2(layer, path, flags | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
}

fn entries(directory: impl AsFd) -> rustix::io::Result<BTreeMap<OsString, Stat>> {
    let mut found = BTreeMap::new();
    for entry in Dir::read_from(directory.as_fd())? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name == "." || name == ".." {
            continue;
        }
        match statat(directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => drop(found.insert(OsString::from_vec(name.as_bytes().to_vec()), stat)),
            Err(Errno::NOENT) => {}
            Err(error) => return Err(error),
        }
        if found.len() > MOST_NAMES {
            return Err(Errno::TOOBIG);
        }
    }
    Ok(found)
}

/// Docker's rule: a directory's own times and size don't count.
fn differ(own: &Stat, below: &Stat, id_base: u32) -> bool {
    let is_file = kind(own) != FileType::Directory;
    own.st_mode != below.st_mode
        || own.st_uid.wrapping_sub(id_base) != below.st_uid
        || own.st_gid.wrapping_sub(id_base) != below.st_gid
        || own.st_rdev != below.st_rdev
        || is_file
            && (own.st_size != below.st_size
                || (own.st_mtime, own.st_mtime_nsec) != (below.st_mtime, below.st_mtime_nsec))
}

/// An overlay's mark for what is deleted: the device 0:0.
fn is_whiteout(stat: &Stat) -> bool {
    kind(stat) == FileType::CharacterDevice && stat.st_rdev == 0
}

/// An overlay's mark for a directory that hides those below it.
fn is_opaque(directory: &OwnedFd) -> bool {
    let mut value = [0; 1];
    matches!(fgetxattr(directory, c"trusted.overlay.opaque", &mut value), Ok(1)) && value == *b"y"
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

fn shown(path: &Path) -> String {
    PathBuf::from("/").join(path).to_string_lossy().into_owned()
}
