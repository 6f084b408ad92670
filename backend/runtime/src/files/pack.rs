//! From files to a tar. Nothing is opened but what is a regular file or a directory; what vanishes meanwhile is left out.

use super::{failed, failed_io, kind, place};
use crate::failure::{Result, invalid};
use archive::header::{self, EntryType, Head};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fgetxattr, fstat, openat, readlinkat, statat};
use rustix::io::Errno;
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Directories in one another: each takes a descriptor.
const DEEPEST: usize = 4000;
/// Hard links that are remembered; those beyond become files of their own.
const MOST_LINKS: usize = 100_000;
const CAPABILITY: &str = "security.capability";
/// Longest `security.capability`, in bytes; the kernel's own has at most 24.
const LONGEST_CAPABILITY: usize = 64;

/// A tar of what `path` names: called by its own name, with what is in it below that.
pub(super) fn path(root: &OwnedFd, path: &str, out: impl Write) -> Result<()> {
    let path = place::absolute(path);
    let what = || format!("lstat {path}");
    let found = place::open_path(root, &path).map_err(|error| failed(what(), error))?;
    let is_directory = kind(fstat(&found).map_err(|error| failed(what(), error))?.st_mode) == FileType::Directory;
    let mut packer = Packer::new(out);
    let base = place::base(&path);
    if is_directory {
        let shown = if base == "/" { b"".to_vec() } else { base.as_bytes().to_vec() };
        let directory = place::open_directory(&found, c".").map_err(|error| failed(what(), error))?;
        packer.directory(&directory, &[&shown[..], b"/"].concat())?;
        packer.tree(directory, [&shown[..], b"/"].concat())?;
    } else {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let parent = place::open_path(root, format!("{above}/.")).map_err(|error| failed(what(), error))?;
        let name = CString::new(name).map_err(|_| invalid("a file's name can't contain a null byte"))?;
        packer.entry(parent.as_fd(), &name, base.as_bytes().to_vec())?;
    }
    packer.finish()
}

/// A tar of all files below the root, without the root itself.
pub(super) fn all(root: &OwnedFd, out: impl Write) -> Result<()> {
    let root = place::open_directory(root, c".").map_err(|error| failed("opening the root", error))?;
    let mut packer = Packer::new(out);
    packer.tree(root, Vec::new())?;
    packer.finish()
}

struct Packer<W: Write> {
    out: BufWriter<W>,
    /// Device and number of files that have more than one name, and the name that they have in the archive.
    seen: HashMap<(u64, u64), Vec<u8>>,
}

/// A directory that is being read.
struct Level {
    directory: OwnedFd,
    /// In reverse: the next one is the last.
    names: Vec<CString>,
    /// With a slash at its end.
    prefix: Vec<u8>,
}

impl<W: Write> Packer<W> {
    fn new(out: W) -> Self {
        Self { out: BufWriter::with_capacity(64 * 1024, out), seen: HashMap::new() }
    }

    /// What is in a directory, in the order of names, and what is in those, before the next.
    fn tree(&mut self, directory: OwnedFd, prefix: Vec<u8>) -> Result<()> {
        let mut open = vec![Level { names: names(&directory, &prefix)?, directory, prefix }];
        while let Some(level) = open.last_mut() {
            let Some(name) = level.names.pop() else {
                open.pop();
                continue;
            };
            let shown = [&level.prefix[..], name.as_bytes()].concat();
            if let Some((directory, prefix)) = self.entry(level.directory.as_fd(), &name, shown)? {
                if open.len() >= DEEPEST {
                    return Err(invalid(format!(
                        "the directories are nested deeper than {DEEPEST}: copy a part of them"
                    )));
                }
                open.push(Level { names: names(&directory, &prefix)?, directory, prefix });
            }
        }
        Ok(())
    }

    /// One entry; answers a directory to go on with, and the beginning of the names in it.
    fn entry(&mut self, parent: BorrowedFd, name: &CString, shown: Vec<u8>) -> Result<Option<(OwnedFd, Vec<u8>)>> {
        let stat = match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(None),
            other => other.map_err(|error| failed(format!("lstat {}", text(&shown)), error))?,
        };
        match kind(stat.st_mode) {
            FileType::Directory => match place::open_directory(parent, name.as_c_str()) {
                Ok(directory) => {
                    let shown = [&shown[..], b"/"].concat();
                    self.directory(&directory, &shown)?;
                    return Ok(Some((directory, shown)));
                }
                Err(error) if has_changed(error) => {}
                Err(error) => return Err(failed(format!("open {}", text(&shown)), error)),
            },
            FileType::RegularFile => self.file(parent, name, &shown)?,
            FileType::Symlink => match readlinkat(parent, name.as_c_str(), Vec::new()) {
                Ok(target) => self.bodiless(&shown, EntryType::Symlink, &stat, target.as_bytes())?,
                Err(error) if has_changed(error) => {}
                Err(error) => return Err(failed(format!("readlink {}", text(&shown)), error)),
            },
            FileType::Fifo => self.bodiless(&shown, EntryType::Fifo, &stat, b"")?,
            FileType::CharacterDevice => self.bodiless(&shown, EntryType::Char, &stat, b"")?,
            FileType::BlockDevice => self.bodiless(&shown, EntryType::Block, &stat, b"")?,
            // A tar has no sockets.
            FileType::Socket | FileType::Unknown => {}
        }
        Ok(None)
    }

    fn directory(&mut self, directory: &OwnedFd, shown: &[u8]) -> Result<()> {
        let stat = fstat(directory).map_err(|error| failed(format!("lstat {}", text(shown)), error))?;
        self.bodiless(shown, EntryType::Directory, &stat, b"")
    }

    fn file(&mut self, parent: BorrowedFd, name: &CString, shown: &[u8]) -> Result<()> {
        // What has become a FIFO or a device meanwhile: one isn't waited for, the other is refused by the mount.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(parent, name, flags, Mode::empty()) {
            Err(error) if has_changed(error) => return Ok(()),
            other => other.map_err(|error| failed(format!("open {}", text(shown)), error))?,
        };
        let stat = fstat(&file).map_err(|error| failed(format!("lstat {}", text(shown)), error))?;
        if kind(stat.st_mode) != FileType::RegularFile {
            return Ok(());
        }
        if stat.st_nlink > 1 {
            if let Some(first) = self.seen.get(&(stat.st_dev, stat.st_ino)).cloned() {
                return self.bodiless(shown, EntryType::Link, &stat, &first);
            }
            if self.seen.len() < MOST_LINKS {
                self.seen.insert((stat.st_dev, stat.st_ino), shown.to_vec());
            }
        }
        let size = stat.st_size.unsigned_abs();
        let xattrs: Vec<_> = capability(&file).map(|value| (CAPABILITY.to_owned(), value)).into_iter().collect();
        self.head(&Head { size, xattrs: &xattrs, ..Head::of(shown, EntryType::Regular, &stat) })?;
        // One that shrinks is filled up, and of one that grows the rest is left out: the size has been said.
        let mut data = File::from(file).chain(std::io::repeat(0)).take(size);
        let written = std::io::copy(&mut data, &mut self.out);
        written.and_then(|_| self.out.write_all(header::padding(size))).map_err(|error| broken(&error))
    }

    fn bodiless(&mut self, shown: &[u8], kind: EntryType, stat: &Stat, target: &[u8]) -> Result<()> {
        self.head(&Head { target, ..Head::of(shown, kind, stat) })
    }

    fn head(&mut self, head: &Head<'_>) -> Result<()> {
        head.to_bytes().and_then(|bytes| self.out.write_all(&bytes)).map_err(|error| broken(&error))
    }

    fn finish(mut self) -> Result<()> {
        let written = self.out.write_all(&header::END).and_then(|()| self.out.flush());
        written.map_err(|error| broken(&error))
    }
}

fn names(directory: &OwnedFd, prefix: &[u8]) -> Result<Vec<CString>> {
    let mut names = place::names(directory).map_err(|error| failed(format!("readdir {}", text(prefix)), error))?;
    names.sort_unstable_by(|a, b| b.cmp(a));
    Ok(names)
}

/// What a program may do without being root's: part of the file, as its permissions are.
fn capability(file: &OwnedFd) -> Option<Vec<u8>> {
    let mut value = vec![0; LONGEST_CAPABILITY];
    let length = fgetxattr(file, CAPABILITY, &mut value[..]).ok()?;
    value.truncate(length);
    Some(value)
}

/// It isn't any more what it was a moment ago.
fn has_changed(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::LOOP | Errno::NOTDIR | Errno::NXIO | Errno::INVAL)
}

fn broken(error: &std::io::Error) -> crate::failure::Failure {
    failed_io("writing the archive", error)
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
