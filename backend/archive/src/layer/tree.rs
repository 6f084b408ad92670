//! A directory in which paths stay, whatever links they lead through.

use super::entry::Metadata;
use super::fault::Fault;
use super::remove::remove;
use crate::limits::Limits;
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, ResolveFlags, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

type Result<T, E = Fault> = std::result::Result<T, E>;

/// Directories that are kept open: an archive's entries mostly come directory by directory.
const OPEN: usize = 8;

/// Links on one way: the kernel's own limit.
const MOST_LINKS: usize = 40;

/// A layer's root. Links in it are followed as if it were `/`, and only on the way to an entry, never at its end; one that would lead
/// above it is refused. Where a link leads to nothing, a directory is made for what lies behind it, as in Docker: what it leads to
/// may come later, or be in a layer below.
/// Nobody but us changes anything in it.
#[derive(Debug)]
pub(super) struct Tree {
    root: OwnedFd,
    /// The ones used last, last. Whatever is removed may have been on the way to one of them: then none is kept. What is
    /// made can't have been, as the way was there.
    open: VecDeque<(PathBuf, Rc<OwnedFd>)>,
    implied_left: u64,
    links_left: u64,
}

/// How to find a directory again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inode(u64);

impl Tree {
    pub(super) fn new(root: OwnedFd, limits: &Limits) -> Self {
        Self { root, open: VecDeque::new(), implied_left: limits.entries, links_left: limits.links }
    }

    /// A new, empty file for root only.
    pub(super) fn file(&mut self, path: &Path) -> Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        self.make(path, |parent, name| rustix::fs::openat(parent, name, flags, Mode::RUSR | Mode::WUSR)).map(File::from)
    }

    /// A directory that was there keeps what is in it.
    pub(super) fn directory(&mut self, path: &Path, metadata: &Metadata) -> Result<Inode> {
        let (parent, name) = if path.as_os_str().is_empty() {
            (self.directory_at(path)?, OsStr::new("."))
        } else {
            let (parent, name) = self.place(path)?;
            match rustix::fs::mkdirat(&parent, name, Mode::RWXU) {
                Ok(()) => {}
                Err(Errno::EXIST) if is_directory(&parent, name)? => {}
                Err(Errno::EXIST) => {
                    self.clear(&parent, name)?;
                    rustix::fs::mkdirat(&parent, name, Mode::RWXU)?;
                }
                Err(errno) => return Err(errno.into()),
            }
            (parent, name)
        };
        let directory = open_directory(&parent, name)?;
        metadata.apply(&directory)?;
        let inode = Inode::of(&directory)?;
        self.keep_open(path, Rc::new(directory));
        Ok(inode)
    }

    /// The target may be anything: it is text.
    pub(super) fn symlink(&mut self, path: &Path, target: &[u8], metadata: &Metadata) -> Result<()> {
        self.make(path, |parent, name| rustix::fs::symlinkat(OsStr::from_bytes(target), parent, name))?;
        let (parent, name) = self.place(path)?;
        let this = AtFlags::SYMLINK_NOFOLLOW;
        rustix::fs::chownat(&parent, name, Some(metadata.user), Some(metadata.group), this)?;
        rustix::fs::utimensat(&parent, name, &metadata.times, this)?;
        Ok(())
    }

    /// Another name for what has been unpacked already. Owner and mode are those of the first: what a link says of them is
    /// at best the same, and through one to a link it would say it of something else (CVE-2026-33056).
    pub(super) fn hard_link(&mut self, path: &Path, target: &Path) -> Result<()> {
        const MISSING: Fault = Fault::Entry("is a hard link to something that is not there");
        let (from, from_name) = match target.file_name() {
            Some(name) => {
                let above = target.parent().unwrap_or(Path::new(""));
                (self.find(above).map_err(|fault| if is_missing(fault) { MISSING } else { fault })?, name)
            }
            None => return Err(Fault::Entry("is a hard link to a directory")),
        };
        let there = match rustix::fs::statat(&from, from_name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {
                return Err(Fault::Entry("is a hard link to a directory"));
            }
            Ok(stat) => stat.st_ino,
            Err(Errno::NOENT) => return Err(MISSING),
            Err(errno) => return Err(errno.into()),
        };
        let (parent, name) = self.place(path)?;
        // A link to itself, by whatever way: it would be removed, and its content with it.
        if rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW).is_ok_and(|here| here.st_ino == there) {
            return Ok(());
        }
        self.make(path, |parent, name| rustix::fs::linkat(&from, from_name, parent, name, AtFlags::empty()))
    }

    pub(super) fn fifo(&mut self, path: &Path, metadata: &Metadata) -> Result<()> {
        self.make(path, |parent, name| rustix::fs::mkfifoat(parent, name, Mode::RUSR | Mode::WUSR))?;
        let (parent, name) = self.place(path)?;
        // Without waiting for somebody who writes.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        metadata.apply(rustix::fs::openat(&parent, name, flags, Mode::empty())?)
    }

    /// Says to the overlay that what has this path is gone from the layers below. What this layer has there stays; if that
    /// is a directory, nothing of the one below shines through it.
    pub(super) fn whiteout(&mut self, path: &Path) -> Result<()> {
        let (parent, name) = self.place(path)?;
        match rustix::fs::mknodat(&parent, name, FileType::CharacterDevice, Mode::empty(), rustix::fs::makedev(0, 0)) {
            Err(Errno::EXIST) if is_directory(&parent, name)? => make_opaque(open_directory(&parent, name)?),
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Says to the overlay that nothing of the layers below is in this directory.
    pub(super) fn opaque(&mut self, path: &Path) -> Result<()> {
        make_opaque(self.directory_at(path)?)
    }

    /// The directory that an entry is in, made if it isn't there, and the entry's name in it.
    pub(super) fn place<'a>(&mut self, path: &'a Path) -> Result<(Rc<OwnedFd>, &'a OsStr)> {
        match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => Ok((self.directory_at(parent)?, name)),
            _ => Err(Fault::Entry("has no name, and is no directory")),
        }
    }

    /// Of a directory that an earlier entry made; nothing if a later one replaced it.
    pub(super) fn set_times(&mut self, path: &Path, inode: Inode, times: &Timestamps) -> Result<()> {
        let opened = match path.file_name() {
            Some(name) => self.find(path.parent().unwrap_or(Path::new(""))).map(|parent| open_directory(parent, name)),
            None => self.find(path).map(|root| open_directory(root, OsStr::new("."))),
        };
        let directory = match opened {
            Ok(Ok(directory)) => directory,
            Ok(Err(errno)) if is_missing(errno.into()) => return Ok(()),
            Err(fault) if is_missing(fault) => return Ok(()),
            Ok(Err(errno)) => return Err(errno.into()),
            Err(fault) => return Err(fault),
        };
        if Inode::of(&directory)? == inode {
            rustix::fs::futimens(directory, times)?;
        }
        Ok(())
    }

    /// Makes something under that name, in place of what has it. The later entry of an archive counts.
    fn make<T>(&mut self, path: &Path, make: impl Fn(&OwnedFd, &OsStr) -> rustix::io::Result<T>) -> Result<T> {
        let (parent, name) = self.place(path)?;
        match make(&parent, name) {
            Err(Errno::EXIST) => {
                self.clear(&parent, name)?;
                Ok(make(&parent, name)?)
            }
            made => Ok(made?),
        }
    }

    fn clear(&mut self, parent: &OwnedFd, name: &OsStr) -> Result<()> {
        if remove(parent, name)? {
            self.open.clear();
        }
        Ok(())
    }

    /// A directory, made if it isn't there (0755, root's), with those above it; also where a link leads to it.
    fn directory_at(&mut self, path: &Path) -> Result<Rc<OwnedFd>> {
        self.get(path, |tree| tree.walk(path, true), &[Errno::NOENT, Errno::LOOP])
    }

    /// A directory that is there.
    fn find(&mut self, path: &Path) -> Result<Rc<OwnedFd>> {
        self.get(path, |tree| tree.walk(path, false), &[Errno::LOOP])
    }

    /// One that was kept open, or that is found without following any link, or else what `otherwise` finds.
    fn get(
        &mut self,
        path: &Path,
        otherwise: impl FnOnce(&mut Self) -> Result<OwnedFd>,
        when: &[Errno],
    ) -> Result<Rc<OwnedFd>> {
        if let Some(index) = self.open.iter().rposition(|(known, _)| known == path) {
            let (known, directory) = self.open.remove(index).ok_or(Errno::NOENT)?;
            self.open.push_back((known, directory.clone()));
            return Ok(directory);
        }
        let directory = match self.open(path) {
            Err(errno) if when.contains(&errno) => otherwise(self)?,
            opened => opened?,
        };
        let directory = Rc::new(directory);
        self.keep_open(path, directory.clone());
        Ok(directory)
    }

    /// The directory at a path, name by name; with `make`, what is missing on the way is made.
    ///
    /// The kernel follows links in a root of one's own, too, but stops where one leads to what isn't there yet, and stays at the root
    /// where one leads out of it. Nobody else moves these directories: `..` is where we came from.
    fn walk(&mut self, path: &Path, make: bool) -> Result<OwnedFd> {
        let root = OsStr::new(".");
        let mut here = open_directory(&self.root, root)?;
        let (mut depth, mut links) = (0_usize, 0);
        let mut left: Vec<OsString> = path.iter().rev().map(OsStr::to_owned).collect();
        while let Some(name) = left.pop() {
            if links > 0 {
                self.links_left = self
                    .links_left
                    .checked_sub(1)
                    .ok_or(Fault::Entry("is one of too many that lie behind links of the archive's own"))?;
            }
            if name == ".." {
                depth = depth.checked_sub(1).ok_or(Fault::Entry("lies behind a link that leads out of the image"))?;
            } else if let Some(target) = link_at(&here, &name)? {
                links += 1;
                if links > MOST_LINKS {
                    return Err(Errno::LOOP.into());
                }
                for part in target.components().rev() {
                    match part {
                        Component::Normal(name) => left.push(name.to_owned()),
                        Component::ParentDir => left.push("..".into()),
                        Component::RootDir => (here, depth) = (open_directory(&self.root, root)?, 0),
                        Component::CurDir | Component::Prefix(_) => {}
                    }
                }
                continue;
            } else {
                depth += 1;
            }
            here = match open_directory(&here, &name) {
                Err(Errno::NOENT) if make => self.imply(&here, &name)?,
                opened => opened?,
            };
        }
        Ok(here)
    }

    /// A directory that the archive doesn't have, or not yet.
    fn imply(&mut self, parent: &OwnedFd, name: &OsStr) -> Result<OwnedFd> {
        self.implied_left = self
            .implied_left
            .checked_sub(1)
            .ok_or(Fault::Entry("is one of too many that lie in directories which the archive does not have"))?;
        rustix::fs::mkdirat(parent, name, Mode::RWXU)?;
        let directory = open_directory(parent, name)?;
        // Not what the umask or the directory above make of it.
        rustix::fs::fchown(&directory, Some(Uid::ROOT), Some(Gid::ROOT))?;
        rustix::fs::fchmod(&directory, Mode::from_raw_mode(0o755))?;
        Ok(directory)
    }

    fn keep_open(&mut self, path: &Path, directory: Rc<OwnedFd>) {
        self.open.retain(|(known, _)| known != path);
        if self.open.len() == OPEN {
            self.open.pop_front();
        }
        self.open.push_back((path.to_owned(), directory));
    }

    /// Without following any link.
    fn open(&self, path: &Path) -> rustix::io::Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let plain = ResolveFlags::BENEATH | ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS;
        rustix::fs::openat2(&self.root, path, flags, Mode::empty(), plain)
    }
}

impl Inode {
    fn of(directory: impl AsFd) -> rustix::io::Result<Self> {
        Ok(Self(rustix::fs::fstat(directory)?.st_ino))
    }
}

fn make_opaque(directory: impl AsFd) -> Result<()> {
    Ok(rustix::fs::fsetxattr(directory, c"trusted.overlay.opaque", b"y", XattrFlags::empty())?)
}

fn is_directory(parent: &OwnedFd, name: &OsStr) -> rustix::io::Result<bool> {
    let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

/// A directory that is one itself, not a link to one.
fn open_directory(parent: impl AsFd, name: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}

/// Where a link leads; `None` if there is none of that name.
fn link_at(parent: &OwnedFd, name: &OsStr) -> rustix::io::Result<Option<PathBuf>> {
    match rustix::fs::readlinkat(parent, name, Vec::new()) {
        Ok(target) => Ok(Some(PathBuf::from(OsString::from_vec(target.into_bytes())))),
        Err(Errno::INVAL | Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn is_missing(fault: Fault) -> bool {
    matches!(fault, Fault::Kernel(Errno::NOENT | Errno::NOTDIR | Errno::LOOP))
}
