//! Removing what a later entry replaces.

use super::entry::DEEPEST_PATH;
use super::fault::Fault;
use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};

/// Removes what has that name, whatever it is, and all that is in it. Links are removed, never followed.
/// Answers whether there was anything.
pub(super) fn remove(parent: impl AsFd, name: impl rustix::path::Arg + Copy) -> Result<bool, Fault> {
    match rustix::fs::unlinkat(parent.as_fd(), name, AtFlags::empty()) {
        Ok(()) => return Ok(true),
        Err(Errno::NOENT) => return Ok(false),
        Err(Errno::ISDIR) => {}
        Err(errno) => return Err(errno.into()),
    }
    empty(open(parent.as_fd(), name)?)?;
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR)?;
    Ok(true)
}

/// A stack of open directories instead of a recursion: how deep they are is the archive's to decide. Through links it
/// can make deeper ones than its paths are long.
fn empty(directory: OwnedFd) -> Result<(), Fault> {
    let mut stack: Vec<(Dir, CString)> = vec![(Dir::new(directory)?, CString::default())];
    loop {
        let depth = stack.len();
        let Some((directory, _)) = stack.last_mut() else { return Ok(()) };
        let Some(entry) = directory.read().transpose()? else {
            let done = stack.pop();
            if let (Some((_, name)), Some((above, _))) = (done, stack.last()) {
                rustix::fs::unlinkat(above.fd()?, &name, AtFlags::REMOVEDIR)?;
            }
            continue;
        };
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        match rustix::fs::unlinkat(directory.fd()?, name, AtFlags::empty()) {
            Ok(()) => {}
            Err(Errno::ISDIR) if depth > DEEPEST_PATH => {
                return Err(Fault::Entry("replaces directories that are nested deeper than any in an image"));
            }
            Err(Errno::ISDIR) => {
                let inner = open(directory.fd()?, name)?;
                stack.push((Dir::new(inner)?, name.to_owned()));
            }
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn open(parent: impl AsFd, name: impl rustix::path::Arg) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(parent, name, flags, Mode::empty())
}
