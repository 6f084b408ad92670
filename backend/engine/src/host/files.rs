//! Where a virtual host's files are: as its keeper names them, and as the engine reaches them.

use crate::{Error, Result};
use parking_lot::Mutex;
use std::fs::{DirBuilder, File};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::{Path, PathBuf};

/// The directory of a host, which may be a disk that only the keeper has mounted.
#[derive(Debug)]
pub(crate) struct HostFiles {
    named: PathBuf,
    reached: PathBuf,
    disk: Option<Mutex<OwnedFd>>,
}

impl HostFiles {
    /// `named` is the directory's path, `disk` the root of what the keeper has mounted there.
    pub(crate) fn new(named: PathBuf, disk: Option<OwnedFd>) -> Self {
        let reached = match &disk {
            // The kernel leads from here into the mount, in whatever namespace it is.
            Some(disk) => format!("/proc/self/fd/{}", disk.as_raw_fd()).into(),
            None => named.clone(),
        };
        Self { named, reached, disk: disk.map(Mutex::new) }
    }

    /// For the keeper, and for the specs of what it runs.
    pub(crate) fn named(&self) -> &Path {
        &self.named
    }

    /// For the engine's own looking, reading and writing.
    pub(crate) fn reached(&self) -> &Path {
        &self.reached
    }

    /// Makes what must be there even when the disk is full. What is in the last is the root's of the host, to whom it is shown.
    pub(crate) fn prepare(&self, id_base: u32) -> Result<()> {
        for (name, owner) in [("containers", None), ("trash", None), ("volumes", Some(id_base))] {
            let dir = self.reached.join(name);
            // As in Docker: who is not root may only pass through to a volume whose name they know.
            let mode = if owner.is_some() { 0o701 } else { 0o700 };
            let made = DirBuilder::new().mode(mode).recursive(true).create(&dir);
            made.and_then(|()| owner.map_or(Ok(()), |id| chown(&dir, Some(id), Some(id))))
                .map_err(|error| Error::system(format!("cannot make {}: {error}", dir.display())))?;
        }
        Ok(())
    }

    /// Lets go of the disk once the keeper has: it can't be mounted again before. The descriptor's number stays taken, so that no
    /// path that somebody still holds leads to another host's files.
    pub(crate) fn close(&self) {
        let Some(disk) = &self.disk else { return };
        let mut disk = disk.lock();
        let replaced = File::open("/dev/null")
            .and_then(|null| Ok(rustix::io::dup3(null.as_fd(), &mut disk, rustix::io::DupFlags::CLOEXEC)?));
        if let Err(error) = replaced {
            tracing::error!(%error, "the disk of a virtual host that has ended stays mounted");
        }
    }
}
