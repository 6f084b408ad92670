//! How much lies below a directory that a tenant has filled.

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

/// Names of one directory that are held in memory, and files with several names that are remembered.
const MOST_NAMES: usize = 100_000;
/// Directories in one another that are looked into: each takes a descriptor.
const DEEPEST: usize = 500;

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// Bytes below a directory. Files with several names count once, directories not at all. What lies deeper than [`DEEPEST`], or in a directory with too many others, isn't counted: a number that is a little too small is
/// better than none.
pub(crate) fn size(top: OwnedFd) -> rustix::io::Result<u64> {
    let (mut total, mut seen) = (0_u64, HashSet::new());
    let names = measure(&top, &mut total, &mut seen)?;
    let mut open = vec![(top, names)];
    while let Some((directory, names)) = open.last_mut() {
        let Some(name) = names.pop() else {
            open.pop();
            continue;
        };
        match openat(&*directory, &name, DIRECTORY, Mode::empty()) {
            Ok(inner) if open.len() < DEEPEST => {
                let names = measure(&inner, &mut total, &mut seen)?;
                open.push((inner, names));
            }
            Ok(_) | Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

/// Adds what is in a directory; answers the directories in it.
fn measure(directory: &OwnedFd, total: &mut u64, seen: &mut HashSet<(u64, u64)>) -> rustix::io::Result<Vec<OsString>> {
    let mut inner = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let Ok(stat) = statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if name != "." && name != ".." && inner.len() < MOST_NAMES => {
                inner.push(name.to_owned())
            }
            FileType::Directory => {}
            _ if stat.st_nlink > 1 && (seen.len() >= MOST_NAMES || !seen.insert((stat.st_dev, stat.st_ino))) => {}
            _ => *total = total.saturating_add(stat.st_size.unsigned_abs()),
        }
    }
    Ok(inner)
}
