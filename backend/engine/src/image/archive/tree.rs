//! A directory in which paths stay, whatever links they lead through.

use super::entry::Metadata;
use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, Timestamps};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Result;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A layer's root. Links in it are followed as if it were `/`, and only on the way to an entry, never at its end.
#[derive(Debug)]
pub(super) struct Tree {
    root: OwnedFd,
}

impl Tree {
    pub(super) fn new(root: OwnedFd) -> Self {
        Self { root }
    }

    /// A new, empty file for root only; replaces what is no directory.
    pub(super) fn file(&self, path: &Path) -> Result<File> {
        let (parent, name) = self.place(path)?;
        clear(&parent, name)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&parent, name, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// A directory that was there keeps what is in it.
    pub(super) fn directory(&self, path: &Path, metadata: &Metadata) -> Result<()> {
        if path.as_os_str().is_empty() {
            return metadata.apply(self.open(path, OFlags::RDONLY)?);
        }
        let (parent, name) = self.place(path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = match rustix::fs::openat(&parent, name, flags, Mode::empty()) {
            Ok(directory) => directory,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {
                clear(&parent, name)?;
                rustix::fs::mkdirat(&parent, name, Mode::RWXU)?;
                rustix::fs::openat(&parent, name, flags, Mode::empty())?
            }
            Err(e) => return Err(e.into()),
        };
        metadata.apply(directory)
    }

    /// The target may be anything: it is text.
    pub(super) fn symlink(&self, path: &Path, target: &[u8], metadata: &Metadata) -> Result<()> {
        let (parent, name) = self.place(path)?;
        clear(&parent, name)?;
        rustix::fs::symlinkat(OsStr::from_bytes(target), &parent, name)?;
        let this = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::chownat(&parent, name, Some(metadata.user), Some(metadata.group), this)?;
        rustix::fs::utimensat(&parent, name, &metadata.times, this)?;
        Ok(())
    }

    pub(super) fn hard_link(&self, path: &Path, target: &Path) -> Result<()> {
        let (from, from_name) = self.place(target)?;
        let (parent, name) = self.place(path)?;
        if path != target {
            clear(&parent, name)?;
        }
        Ok(rustix::fs::linkat(&from, from_name, &parent, name, AtFlags::empty())?)
    }

    pub(super) fn fifo(&self, path: &Path, metadata: &Metadata) -> Result<()> {
        let (parent, name) = self.place(path)?;
        clear(&parent, name)?;
        rustix::fs::mkfifoat(&parent, name, Mode::RUSR | Mode::WUSR)?;
        let this = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::chownat(&parent, name, Some(metadata.user), Some(metadata.group), this)?;
        rustix::fs::chmodat(&parent, name, metadata.mode, AtFlags::empty())?;
        rustix::fs::utimensat(&parent, name, &metadata.times, this)?;
        Ok(())
    }

    /// Of a directory that an earlier entry made; nothing if a later one replaced it.
    pub(super) fn set_times(&self, path: &Path, times: &Timestamps) -> Result<()> {
        match self.open(path, OFlags::RDONLY | OFlags::DIRECTORY) {
            Ok(directory) => Ok(rustix::fs::futimens(directory, times)?),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    /// The directory that an entry is in, made if it isn't there, and the entry's name in it.
    fn place<'a>(&self, path: &'a Path) -> Result<(OwnedFd, &'a OsStr)> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => Ok((self.ensure(parent)?, name)),
            _ => Err(Errno::ISDIR.into()),
        }
    }

    fn ensure(&self, path: &Path) -> Result<OwnedFd> {
        let open = || self.open(path, OFlags::PATH | OFlags::DIRECTORY);
        match (open(), path.parent(), path.file_name()) {
            (Err(Errno::NOENT), Some(parent), Some(name)) => {
                let parent = self.ensure(parent)?;
                match rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
                    // A link to nowhere: opening says so.
                    Ok(()) | Err(Errno::EXIST) => Ok(open()?),
                    Err(e) => Err(e.into()),
                }
            }
            (opened, ..) => Ok(opened?),
        }
    }

    fn open(&self, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
        loop {
            match rustix::fs::openat2(&self.root, path, flags | OFlags::CLOEXEC, Mode::empty(), inside) {
                // A rename anywhere on the machine while a `..` was looked up.
                Err(Errno::AGAIN) => {}
                opened => return opened,
            }
        }
    }
}

/// Removes what has that name already: the later entry of an archive counts.
fn clear(parent: &OwnedFd, name: &OsStr) -> Result<()> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(e) => Err(e.into()),
    }
}
