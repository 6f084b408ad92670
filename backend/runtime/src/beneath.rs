//! Paths of a container, resolved as if its root were the machine's: whatever its symbolic links say, nothing
//! outside of it is reached. What comes of it is a file descriptor, and only that is acted on.

use super::failure::{Failure, Result, invalid, reason};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, mkdirat, openat, openat2};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

/// How often a look-up that raced with a rename is tried again.
const ATTEMPTS: usize = 16;

/// Whatever links say, they lead nowhere but below the root.
const INSIDE: ResolveFlags = ResolveFlags::IN_ROOT.union(ResolveFlags::NO_MAGICLINKS);

/// Opens what `path` names below `root`, just to refer to it (`O_PATH`).
pub(crate) fn open(root: impl AsFd, path: &Path) -> rustix::io::Result<OwnedFd> {
    open_with(root, path, OFlags::PATH)
}

/// Refers to what `path` names below `root`, wherever in that it is: also where the kernel's file systems are.
pub(crate) fn find(root: impl AsFd, path: &Path) -> rustix::io::Result<OwnedFd> {
    open_resolved(root, path, OFlags::PATH, INSIDE)
}

/// Opens what `path` names below `root`.
pub(crate) fn open_with(root: impl AsFd, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let strictly = if is_kernels(path) { ResolveFlags::NO_SYMLINKS } else { ResolveFlags::empty() };
    open_resolved(root, path, flags, INSIDE | strictly)
}

fn open_resolved(root: impl AsFd, path: &Path, flags: OFlags, resolve: ResolveFlags) -> rustix::io::Result<OwnedFd> {
    for _ in 0..ATTEMPTS {
        match openat2(root.as_fd(), path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
            Err(Errno::AGAIN) => {}
            other => return other,
        }
    }
    Err(Errno::AGAIN)
}

/// The directory that `path` names below `root`, made (0755) with those above it where it isn't there.
pub(crate) fn make_directory(root: impl AsFd, path: &Path) -> Result<OwnedFd> {
    let mut found = open(&root, Path::new("/")).map_err(|error| failed(path, error))?;
    let mut prefix = PathBuf::from("/");
    for name in names(path)? {
        prefix.push(name);
        found = match open_directory(&root, &prefix) {
            Err(Errno::NOENT) => {
                mkdirat(&found, name, Mode::from_raw_mode(0o755)).map_err(|error| failed(&prefix, error))?;
                openat(
                    &found,
                    name,
                    OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC,
                    Mode::empty(),
                )
            }
            other => other,
        }
        .map_err(|error| failed(&prefix, error))?;
    }
    Ok(found)
}

/// The file that `path` names below `root`, made (empty, 0644) with the directories above it where it isn't there.
pub(crate) fn make_file(root: impl AsFd, path: &Path) -> Result<OwnedFd> {
    match open(&root, path) {
        Err(Errno::NOENT) => {}
        other => return other.map_err(|error| failed(path, error)),
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(invalid(format!("{} does not name a file", path.display())));
    };
    let parent = make_directory(root, parent)?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(&parent, name, flags, Mode::from_raw_mode(0o644)).map_err(|error| failed(path, error))
}

/// Opens a path of the machine (never of a container) just to refer to it.
pub(crate) fn open_machine(path: &Path) -> rustix::io::Result<OwnedFd> {
    openat(CWD, path, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// The kernel's own file systems live there: an image that puts a symbolic link in their place wants them elsewhere.
fn is_kernels(path: &Path) -> bool {
    ["/proc", "/sys", "/dev"].iter().any(|kernels| path.starts_with(kernels))
}

fn open_directory(root: impl AsFd, path: &Path) -> rustix::io::Result<OwnedFd> {
    open_with(root, path, OFlags::PATH | OFlags::DIRECTORY)
}

fn names(path: &Path) -> Result<Vec<&OsStr>> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => {
                return Err(invalid(format!("{} must not contain `..`", path.display())));
            }
        }
    }
    Ok(names)
}

fn failed(path: &Path, error: Errno) -> Failure {
    let name = path.display();
    if error == Errno::LOOP && is_kernels(path) {
        return invalid(format!(
            "{name} of the image is a symbolic link: it must be a directory, the kernel's files go there"
        ));
    }
    if error == Errno::NOTDIR {
        // Docker's words for a working directory that is none.
        return invalid(format!("Cannot mkdir: {name} is not a directory"));
    }
    invalid(format!("{name} can't be made or used in the container: {}", reason(&error.into())))
}
