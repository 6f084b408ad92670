//! How much a container has written: `docker ps --size`, `docker system df`.

use super::Container;
use super::changes::{DEEPEST, DIRECTORY, MOST_NAMES, blocking, directory, kind};
use crate::Result;
use crate::host::VirtualHost;
use rustix::fs::{AtFlags, Dir, FileType, Mode, openat, statat};
use rustix::io::Errno;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

impl VirtualHost {
    /// Bytes that a container has written. Files with several names count once, directories not at all.
    pub async fn container_size(&self, container: &Container) -> Result<u64> {
        // One that was removed meanwhile has nothing.
        let Ok(entry) = self.entry(&container.id) else { return Ok(0) };
        let mut measured = entry.measured.lock().await;
        if let Some(known) = measured.as_ref().filter(|known| Instant::now() < known.until) {
            return Ok(known.bytes);
        }
        let _one_at_a_time = self.kinds.containers.walking.lock().await;
        let begun = Instant::now();
        let upper = self.container_dir(&container.id).join("upper");
        let bytes = blocking(move || match directory(&upper) {
            Err(Errno::NOENT) => Ok(0),
            other => size(other?),
        });
        let bytes = bytes.await?;
        *measured = Some(Measured { bytes, until: Instant::now() + begun.elapsed() * REST });
        Ok(bytes)
    }
}

/// For so many times as long as it took, a size isn't measured again: asking can't keep the server busy.
const REST: u32 = 20;

/// What a container had written.
#[derive(Debug)]
pub(crate) struct Measured {
    bytes: u64,
    /// Until when that is good enough.
    until: Instant,
}

/// What lies deeper than [`DEEPEST`], or in a directory with too many others, isn't counted: a number that is a little too small is
/// better than none.
fn size(upper: OwnedFd) -> rustix::io::Result<u64> {
    let (mut total, mut seen) = (0_u64, HashSet::new());
    let names = measure(&upper, &mut total, &mut seen)?;
    let mut open = vec![(upper, names)];
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
        match kind(&stat) {
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
