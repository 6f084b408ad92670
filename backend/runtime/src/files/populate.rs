//! What an image has where an empty volume is mounted is copied into it, when that is used for the first time.
//!
//! Nobody else has the container's files meanwhile, but the volume may be in use: there, nothing is opened that wasn't made here.

use super::{failed, kind, place};
use crate::failure::{Result, invalid};
use rustix::fs::{
    AtFlags, FileType, Gid, Mode, OFlags, Stat, Timespec, Timestamps, Uid, XattrFlags, chmodat, chownat, fgetxattr,
    flistxattr, fsetxattr, fstat, futimens, linkat, mkdirat, mknodat, openat, readlinkat, statat, symlinkat, utimensat,
};
use rustix::io::Errno;
use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

/// Directories in one another: each takes two descriptors.
const DEEPEST: usize = 500;
/// Hard links that are remembered; those beyond become files of their own.
const MOST_LINKS: usize = 100_000;
/// Longest value of an extended attribute, in bytes; the kernel's own limit.
const LONGEST_ATTRIBUTE: usize = 64 * 1024;

const NEW_FILE: OFlags =
    OFlags::WRONLY.union(OFlags::CREATE).union(OFlags::EXCL).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Fills `volume` with what the directory `path` below `root` has. Errors: that is a file, or the disk is full.
pub(super) fn populate(root: &OwnedFd, path: &str, volume: &OwnedFd) -> Result<()> {
    let path = place::absolute(path);
    let target = place::open_directory(volume, c".").map_err(|error| failed("opening the volume", error))?;
    if !place::names(&target).map_err(|error| failed("reading the volume", error))?.is_empty() {
        return Ok(());
    }
    let source = match place::open_path(root, format!("{path}/.")) {
        Ok(found) => place::open_directory(&found, c".").map_err(|error| failed(format!("open {path}"), error))?,
        // The image has nothing there, or a link to nowhere.
        Err(Errno::NOENT) => return Ok(()),
        // Docker's words.
        Err(Errno::NOTDIR) => return Err(invalid(format!("source {path} is not directory"))),
        Err(error) => return Err(failed(format!("open {path}"), error)),
    };
    copy_tree(source, target).map_err(|(name, error)| match error {
        Errno::NAMETOOLONG => invalid(format!("{path}: directories are nested deeper than {DEEPEST}")),
        error => failed(format!("copying {}", name.to_string_lossy()), error),
    })
}

/// A directory that is being copied.
struct Level {
    source: OwnedFd,
    target: OwnedFd,
    names: Vec<CString>,
}

type Outcome<T> = std::result::Result<T, (CString, Errno)>;

/// A stack of open directories instead of a recursion. A directory's times are set when all is in it.
fn copy_tree(source: OwnedFd, target: OwnedFd) -> Outcome<()> {
    let at = |name: &CStr| {
        let name = name.to_owned();
        move |error| (name, error)
    };
    let mut seen = HashMap::new();
    let mut open = vec![level(source, target).map_err(at(c"."))?];
    // Where a file with several names was copied to first: the directories on the way to it are open no more.
    let top = open[0].target.try_clone().map_err(|_| (c".".to_owned(), Errno::MFILE))?;
    let mut shown: Vec<CString> = Vec::new();
    while let Some(Level { source, target, names }) = open.last_mut() {
        let Some(name) = names.pop() else {
            finish_directory(source, target).map_err(at(c"."))?;
            open.pop();
            shown.pop();
            continue;
        };
        let stat = statat(&*source, &name, AtFlags::SYMLINK_NOFOLLOW).map_err(at(&name))?;
        if kind(stat.st_mode) != FileType::Directory {
            let path = path_of(&shown, &name);
            copy_entry(source, target, &name, &stat, (&top, &path), &mut seen).map_err(at(&name))?;
            continue;
        }
        if open.len() >= DEEPEST {
            return Err((name, Errno::NAMETOOLONG));
        }
        let Some(Level { source, target, .. }) = open.last() else { break };
        mkdirat(target, &name, Mode::from_raw_mode(0o700)).map_err(at(&name))?;
        let inner = place::open_directory(source, name.as_c_str()).map_err(at(&name))?;
        let made = place::open_directory(target, name.as_c_str()).map_err(at(&name))?;
        open.push(level(inner, made).map_err(at(&name))?);
        shown.push(name);
    }
    Ok(())
}

fn level(source: OwnedFd, target: OwnedFd) -> rustix::io::Result<Level> {
    Ok(Level { names: place::names(&source)?, source, target })
}

fn path_of(directories: &[CString], name: &CStr) -> CString {
    let parts: Vec<&[u8]> = directories.iter().map(CString::as_bytes).chain(std::iter::once(name.to_bytes())).collect();
    CString::new(parts.join(&b'/')).unwrap_or_default()
}

/// Anything but a directory.
fn copy_entry(
    source: &OwnedFd,
    target: &OwnedFd,
    name: &CStr,
    stat: &Stat,
    (top, path): (&OwnedFd, &CString),
    seen: &mut HashMap<(u64, u64), CString>,
) -> rustix::io::Result<()> {
    if stat.st_nlink > 1 {
        if let Some(first) = seen.get(&(stat.st_dev, stat.st_ino)) {
            return linkat(top, first, target, name, AtFlags::empty());
        }
        if seen.len() < MOST_LINKS {
            seen.insert((stat.st_dev, stat.st_ino), path.clone());
        }
    }
    match kind(stat.st_mode) {
        FileType::RegularFile => return copy_file(source, target, name, stat),
        FileType::Symlink => symlinkat(readlinkat(source, name, Vec::new())?, target, name)?,
        FileType::Fifo => mknodat(target, name, FileType::Fifo, Mode::from_raw_mode(0o600), 0)?,
        // No device of an image is one, and a socket is nothing without its process.
        _ => return Ok(()),
    }
    chownat(target, name, owner(stat).0, owner(stat).1, AtFlags::SYMLINK_NOFOLLOW)?;
    if kind(stat.st_mode) == FileType::Fifo {
        chmodat(target, name, Mode::from_raw_mode(stat.st_mode & 0o7777), AtFlags::empty())?;
    }
    utimensat(target, name, &times(stat), AtFlags::SYMLINK_NOFOLLOW)
}

fn copy_file(source: &OwnedFd, target: &OwnedFd, name: &CStr, stat: &Stat) -> rustix::io::Result<()> {
    let from =
        openat(source, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?;
    let to = openat(target, name, NEW_FILE, Mode::from_raw_mode(0o600))?;
    let (mut from, mut to) = (File::from(from), File::from(to));
    std::io::copy(&mut from, &mut to).map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    finish(&from, &to, stat)
}

fn finish_directory(source: &OwnedFd, target: &OwnedFd) -> rustix::io::Result<()> {
    finish(source, target, &fstat(source)?)
}

/// Owner before mode and attributes: a change of owner takes the rights away that a file gives.
fn finish(source: impl AsFd, target: impl AsFd, stat: &Stat) -> rustix::io::Result<()> {
    let (uid, gid) = owner(stat);
    rustix::fs::fchown(&target, uid, gid)?;
    copy_attributes(&source, &target)?;
    rustix::fs::fchmod(&target, Mode::from_raw_mode(stat.st_mode & 0o7777))?;
    futimens(&target, &times(stat))
}

/// Those that a container's root may give: its own, and capabilities.
fn copy_attributes(source: impl AsFd, target: impl AsFd) -> rustix::io::Result<()> {
    let mut list = vec![0; LONGEST_ATTRIBUTE];
    let length = match flistxattr(&source, &mut list[..]) {
        Err(Errno::OPNOTSUPP) => return Ok(()),
        other => other?,
    };
    let mut value = vec![0; LONGEST_ATTRIBUTE];
    for name in list.get(..length).unwrap_or_default().split(|byte| *byte == 0) {
        let wanted =
            name.starts_with(b"user.") || name == b"security.capability" || name.starts_with(b"system.posix_acl_");
        let (true, Ok(name)) = (wanted, CString::new(name)) else { continue };
        let length = fgetxattr(&source, &name, &mut value[..])?;
        match fsetxattr(&target, &name, value.get(..length).unwrap_or_default(), XattrFlags::empty()) {
            Ok(()) | Err(Errno::OPNOTSUPP) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Ids are those of the user namespace: what isn't in it belongs to nobody.
fn owner(stat: &Stat) -> (Option<Uid>, Option<Gid>) {
    (Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)))
}

fn times(stat: &Stat) -> Timestamps {
    let time = |seconds: i64, nanoseconds: u64| Timespec { tv_sec: seconds, tv_nsec: nanoseconds.cast_signed() };
    Timestamps {
        last_access: time(stat.st_atime, stat.st_atime_nsec),
        last_modification: time(stat.st_mtime, stat.st_mtime_nsec),
    }
}
