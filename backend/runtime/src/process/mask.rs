//! Paths that a container must not see, or must not change.

use crate::beneath;
use crate::failure::{Doing, Result};
use crate::filesystem::{NewFilesystem, Stamp, attach, clone_fd};
use crate::sys::mount_setattr;
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;
use rustix::mount::MountAttrFlags;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// Covers what is at `paths` below `root`: a directory with an empty one, a file with `null`, the machine's `/dev/null`.
pub(crate) fn hide(root: impl AsFd, paths: &[String], null: OwnedFd) -> Result<()> {
    let mut null = Stamp::new(null);
    let mut empty = None;
    for path in paths {
        let Some(found) = open(&root, path)? else { continue };
        let step = || format!("masking {path}");
        if FileType::from_raw_mode(fstat(&found).doing(step)?.st_mode) == FileType::Directory {
            let stamp = match empty.take() {
                Some(stamp) => stamp,
                None => empty_directory()?,
            };
            empty.insert(stamp).attach(found).doing(step)?;
        } else {
            null.attach(found).doing(step)?;
        }
    }
    Ok(())
}

/// Makes what is at `paths` below `root` read-only, with all that is mounted below it.
pub(crate) fn freeze(root: impl AsFd, paths: &[String]) -> Result<()> {
    for path in paths {
        let Some(found) = open(&root, path)? else { continue };
        let step = || format!("making {path} read-only");
        let copy = clone_fd(&found, true).doing(step)?;
        mount_setattr(&copy, true, MountAttrFlags::MOUNT_ATTR_RDONLY, MountAttrFlags::empty()).doing(step)?;
        attach(copy, found).doing(step)?;
    }
    Ok(())
}

/// What isn't there needs no cover.
fn open(root: impl AsFd, path: &str) -> Result<Option<OwnedFd>> {
    match beneath::open(root, Path::new(path)) {
        Ok(found) => Ok(Some(found)),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Err(error) => Err(error).doing(|| format!("opening {path}")),
    }
}

fn empty_directory() -> Result<Stamp> {
    let tmpfs = NewFilesystem::open("tmpfs")?;
    // The least that it takes: nothing will ever be in it.
    for (key, value) in [("size", "4k"), ("nr_inodes", "2"), ("mode", "555")] {
        tmpfs.set(key, value)?;
    }
    let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
        | MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    Ok(Stamp::new(tmpfs.mount(attributes)?))
}
