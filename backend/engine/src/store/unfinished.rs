//! Directories on their way: complete under their last name, or swept away.

use crate::{Error, Result};
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags};
use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

const PREFIX: &str = "tmp-";

/// A directory for root only, `tmp-…`, that goes when it is dropped. Locked as long as somebody fills it, so that
/// [`sweep`] can tell it from what a kill left behind.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    directory: OwnedFd,
    kept: bool,
}

impl Unfinished {
    pub(super) fn new(parent: &Path) -> Result<Self> {
        let cannot =
            |e: std::io::Error| Error::system(format!("No directory can be made in {}: {e}", parent.display()));
        loop {
            let path = nix::unistd::mkdtemp(&parent.join(format!("{PREFIX}XXXXXX"))).map_err(|e| cannot(e.into()))?;
            let directory = match open_locked(&path) {
                Ok(directory) => directory,
                // Another process swept it before it was locked.
                Err(Errno::NOENT | Errno::WOULDBLOCK) => continue,
                Err(e) => return Err(cannot(e.into())),
            };
            if rustix::fs::fstat(&directory).map_err(|e| cannot(e.into()))?.st_nlink > 0 {
                return Ok(Self { path, directory, kept: false });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn directory(&self) -> std::os::fd::BorrowedFd<'_> {
        self.directory.as_fd()
    }

    /// Makes it stay under `name` beside it. If something has that name already, that stays and this goes:
    /// then it is `false`.
    pub(super) fn keep(mut self, name: &str) -> Result<bool> {
        let path = self.path.with_file_name(name);
        let cannot = |e: Errno| Error::system(format!("{} can't be kept: {e}", path.display()));
        match rustix::fs::renameat_with(CWD, &self.path, CWD, &path, RenameFlags::NOREPLACE) {
            Ok(()) => self.kept = true,
            Err(Errno::EXIST) => return Ok(false),
            Err(e) => return Err(cannot(e)),
        }
        Ok(true)
    }

    /// Makes it stay under `name` beside it, in the place of what has that name. At every instant one of the two has it.
    pub(super) fn replace(self, name: &str) -> Result<()> {
        let path = self.path.with_file_name(name);
        match rustix::fs::renameat_with(CWD, &self.path, CWD, &path, RenameFlags::EXCHANGE) {
            // What it was exchanged for goes.
            Ok(()) => Ok(()),
            Err(Errno::NOENT) => self.keep(name).map(drop),
            Err(e) => Err(Error::system(format!("{} can't be replaced: {e}", path.display()))),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            // What stays is swept at the next start.
            crate::tree::remove(&self.path);
        }
    }
}

/// Removes what nobody fills any more.
pub(super) fn sweep(parent: &Path) -> Result<()> {
    let cannot =
        |e: std::io::Error| Error::system(format!("What is left over in {} can't be removed: {e}", parent.display()));
    for entry in std::fs::read_dir(parent).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        match open_locked(&entry.path()) {
            Ok(_locked) => crate::tree::remove(&entry.path()),
            Err(Errno::NOENT | Errno::WOULDBLOCK) => {}
            Err(e) => return Err(cannot(e.into())),
        }
    }
    Ok(())
}

fn open_locked(path: &Path) -> rustix::io::Result<OwnedFd> {
    let directory = open(path)?;
    rustix::fs::flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
    Ok(directory)
}

/// A directory, and not what a link leads to.
pub(super) fn open(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Whether a name is that of something on its way.
pub(super) fn is_unfinished(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Removes a directory, which has no last name from the first moment on: a kill leaves it to [`sweep`].
pub(super) fn discard(path: &Path) {
    if let Some(aside) = put_aside(path) {
        crate::tree::remove(&aside);
    }
}

/// Takes a directory's last name away, so that it only needs to be removed; answers where it is then.
pub(super) fn put_aside(path: &Path) -> Option<PathBuf> {
    let aside = path.with_file_name(format!("{PREFIX}gone-{}", path.file_name().unwrap_or_default().to_string_lossy()));
    match std::fs::rename(path, &aside) {
        Ok(()) => Some(aside),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::error!(path = %path.display(), %error, "cannot delete a layer");
            None
        }
    }
}
