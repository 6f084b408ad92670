//! Names within a directory that is the root for whatever links say.

use super::{failed, kind};
use crate::failure::{Result, invalid};
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, fstat, mkdirat, openat, openat2, readlinkat, statat, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{CString, OsStr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Links to nowhere on one path.
const MOST_LINKS: usize = 16;
/// How often a look-up that raced with a rename is tried again.
const ATTEMPTS: usize = 16;
/// Directories in one another that are removed; deeper ones take too many descriptors.
const DEEPEST: usize = 1000;

/// The path from `/` on, as Docker has it: `..` takes away the name before it, whatever that is, and a `/` or `/.` at the end stays.
pub(super) fn absolute(path: &str) -> String {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    let mut absolute = format!("/{}", names.join("/"));
    for (end, kept) in [(base(path) == ".", "/."), (path.ends_with('/'), "/")] {
        if end {
            let there = absolute.ends_with('/');
            absolute.push_str(if there { &kept[1..] } else { kept });
        }
    }
    absolute
}

/// A path's last name, as Go's `filepath.Base` has it.
pub(super) fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some(name) if !name.is_empty() => name,
        _ => "/",
    }
}

/// Refers to what a path names; to a link itself, unless the path goes on after it.
pub(super) fn open_path(root: impl AsFd, path: impl AsRef<OsStr>) -> rustix::io::Result<OwnedFd> {
    open(root, path, OFlags::PATH | OFlags::NOFOLLOW)
}

/// The directory that an archive is unpacked into, links followed, and its path for messages.
pub(super) fn destination(root: &OwnedFd, path: &str) -> Result<(OwnedFd, String)> {
    let path = absolute(path);
    let found = open(root, &path, OFlags::PATH).map_err(|error| failed(format!("lstat {path}"), error))?;
    let stat = fstat(&found).map_err(|error| failed(format!("lstat {path}"), error))?;
    match kind(stat.st_mode) {
        FileType::Directory => Ok((found, path)),
        _ => Err(invalid("extraction point is not a directory")),
    }
}

/// The directory of that path below `root`, made (0755) with those above it where it isn't there. A link to nowhere gets what it
/// names, below `root` as well.
pub(super) fn ensure(root: &OwnedFd, path: &Path) -> rustix::io::Result<OwnedFd> {
    ensure_within(root, path, MOST_LINKS)
}

fn ensure_within(root: &OwnedFd, path: &Path, links: usize) -> rustix::io::Result<OwnedFd> {
    let open_it = || match path.as_os_str().is_empty() {
        true => open(root, ".", OFlags::PATH | OFlags::DIRECTORY),
        false => open(root, path, OFlags::PATH | OFlags::DIRECTORY),
    };
    let (Err(Errno::NOENT), Some(above), Some(name)) = (open_it(), path.parent(), path.file_name()) else {
        return open_it();
    };
    let parent = ensure_within(root, above, links)?;
    match mkdirat(&parent, name, Mode::from_raw_mode(0o755)) {
        Ok(()) => return open_it(),
        Err(Errno::EXIST) => {}
        Err(error) => return Err(error),
    }
    match readlinkat(&parent, name, Vec::new()) {
        Ok(_) if links == 0 => Err(Errno::LOOP),
        Ok(target) => {
            ensure_within(root, &beneath(above, Path::new(OsStr::from_bytes(target.as_bytes()))), links - 1)?;
            open_it()
        }
        Err(_) => open_it(),
    }
}

/// Where a link in `directory` leads, as if the root were `/`.
fn beneath(directory: &Path, target: &Path) -> PathBuf {
    let mut path = if target.is_absolute() { PathBuf::new() } else { directory.to_owned() };
    for part in target.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir => drop(path.pop()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    path
}

/// Removes what has that name, whatever it is, and all that is in it.
pub(super) fn remove_all(parent: impl AsFd, name: &OsStr) -> rustix::io::Result<()> {
    let opened = match unlinkat(parent.as_fd(), name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => open_directory(parent.as_fd(), name)?,
        Err(error) => return Err(error),
    };
    // A stack of open directories instead of a recursion: how deep they are is the tenant's to decide.
    let mut open = vec![(opened, name.to_owned())];
    while let Some((directory, _)) = open.last() {
        let mut inner = None;
        for entry in Dir::read_from(directory)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            match unlinkat(directory, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(Errno::ISDIR | Errno::PERM) => {
                    inner = Some((open_directory(directory.as_fd(), name)?, name.to_owned()));
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if let Some(inner) = inner {
            if open.len() >= DEEPEST {
                return Err(Errno::NAMETOOLONG);
            }
            open.push(inner);
        } else if let Some((_, name)) = open.pop() {
            let above = open.last().map_or(parent.as_fd(), |(directory, _)| directory.as_fd());
            match unlinkat(above, &*name, AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// What has that name, not followed; `None` if nothing has.
pub(super) fn look(parent: &OwnedFd, name: &OsStr) -> rustix::io::Result<Option<FileType>> {
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(kind(stat.st_mode))),
        Err(Errno::NOENT) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a directory that is one itself, not a link to one.
pub(super) fn open_directory(parent: impl AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<OwnedFd> {
    openat(parent, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

fn open(root: impl AsFd, path: impl AsRef<OsStr>, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let inside = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..ATTEMPTS {
        match openat2(root.as_fd(), path.as_ref(), flags | OFlags::CLOEXEC, Mode::empty(), inside) {
            Err(Errno::AGAIN) => {}
            other => return other,
        }
    }
    Err(Errno::AGAIN)
}

/// What a directory has, in no order.
pub(super) fn names(directory: &OwnedFd) -> rustix::io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_owned();
        if name.as_c_str() != c"." && name.as_c_str() != c".." {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_in_docker() {
        for (path, expected, name) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            (".", "/.", "."),
            ("..", "/", "/"),
            ("../..", "/", "/"),
            ("a/b", "/a/b", "b"),
            ("/a/b/..", "/a", "a"),
            ("/a/b/../", "/a/", "a"),
            ("/a/b/../.", "/a/.", "."),
            ("/a/./b/.", "/a/b/.", "."),
            ("/a/", "/a/", "a"),
        ] {
            assert_eq!((absolute(path).as_str(), base(&absolute(path))), (expected, name), "{path}");
        }
    }
}
