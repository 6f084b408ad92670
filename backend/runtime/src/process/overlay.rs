//! The root file system: layers that all hosts share, shifted into this host's ids, and what the container writes on top.

use crate::beneath::open_machine;
use crate::failure::{Doing, Result, invalid};
use crate::filesystem::{NewFilesystem, attach, clone_path};
use crate::sys::mount_idmap;
use nix::sched::{CloneFlags, unshare};
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MountPropagationFlags, mount_change};
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Where a root file system comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Rootfs {
    /// Read-only layers, topmost first, owned by the machine's root and mounted idmapped into the host's range;
    /// `upper` and `work` are already owned by that range.
    Overlay { lower: Vec<PathBuf>, upper: PathBuf, work: PathBuf },
    /// An empty tmpfs: for a virtual host without a workstation.
    Empty,
}

/// The root, as a mount that is nowhere yet. No device file of an image is a device: those come from the machine alone.
///
/// Done by the machine's root: only that may keep what the overlay notes in `trusted.*` attributes.
pub(crate) fn root(rootfs: &Rootfs, id_base: u32, user_namespace: impl AsFd) -> Result<OwnedFd> {
    match rootfs {
        Rootfs::Overlay { lower, upper, work } => overlay(lower, upper, work, user_namespace.as_fd()),
        Rootfs::Empty => {
            let id = id_base.to_string();
            let tmpfs = NewFilesystem::open("tmpfs")?;
            for (key, value) in [("mode", "755"), ("uid", &id), ("gid", &id)] {
                tmpfs.set(key, value)?;
            }
            tmpfs.mount(MountAttrFlags::MOUNT_ATTR_NODEV)
        }
    }
}

fn overlay(lower: &[PathBuf], upper: &Path, work: &Path, user_namespace: BorrowedFd) -> Result<OwnedFd> {
    if lower.is_empty() {
        return Err(invalid("a root file system needs at least one layer"));
    }
    let layers = lower.iter().map(|path| idmapped(path, user_namespace)).collect::<Result<Vec<_>>>()?;
    match by_fd(&layers, upper, work)? {
        Some(overlay) => Ok(overlay),
        None => by_name(&layers, upper, work),
    }
}

/// A layer with its owners shifted: what belongs to root in the image belongs to the host's root.
fn idmapped(path: &Path, user_namespace: BorrowedFd) -> Result<OwnedFd> {
    let layer = clone_path(path, false).doing(|| format!("opening the layer {}", path.display()))?;
    mount_idmap(&layer, false, user_namespace)
        .doing(|| format!("shifting the owners of the layer {}", path.display()))?;
    Ok(layer)
}

/// `None` before Linux 6.13: there, layers can only be named.
fn by_fd(layers: &[OwnedFd], upper: &Path, work: &Path) -> Result<Option<OwnedFd>> {
    let overlay = NewFilesystem::open("overlay")?;
    for layer in layers {
        // The overlay takes descriptors that are open, not those that merely refer (O_PATH).
        match open_directory(layer).and_then(|layer| overlay.set_fd("lowerdir+", layer)) {
            Err(Errno::INVAL | Errno::OPNOTSUPP) => return Ok(None),
            other => other.doing(|| format!("stacking {} layers", layers.len()))?,
        }
    }
    let set = |key, path| {
        overlay.set_fd(key, directory(path)?).doing(|| format!("taking {} as {key} of the container", path.display()))
    };
    set("upperdir", upper)?;
    set("workdir", work)?;
    overlay.mount(MountAttrFlags::MOUNT_ATTR_NODEV).map(Some)
}

/// Only what is mounted somewhere has a name: attaches the layers, in a mount namespace of the caller's own, to the work
/// directory, where they cover nothing. Their descriptors' names in /proc spare us the escaping of paths.
fn by_name(layers: &[OwnedFd], upper: &Path, work: &Path) -> Result<OwnedFd> {
    let step = || "stacking layers by their names".to_owned();
    unshare(CloneFlags::CLONE_NEWNS).doing(step)?;
    mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).doing(step)?;
    // In the new namespace: of another one's mounts no overlay is made.
    let (upper, work) = (directory(upper)?, directory(work)?);
    for layer in layers {
        attach(layer, &work).doing(step)?;
    }
    let overlay = NewFilesystem::open("overlay")?;
    let name = |fd: &OwnedFd| format!("/proc/self/fd/{}", fd.as_raw_fd());
    overlay.set("lowerdir", &layers.iter().map(name).collect::<Vec<_>>().join(":"))?;
    overlay.set("upperdir", &name(&upper))?;
    overlay.set("workdir", &name(&work))?;
    // Old kernels look the names up only now: their descriptors must still be open.
    overlay.mount(MountAttrFlags::MOUNT_ATTR_NODEV)
}

fn directory(path: &Path) -> Result<OwnedFd> {
    open_machine(path).and_then(|fd| open_directory(&fd)).doing(|| format!("opening the directory {}", path.display()))
}

fn open_directory(fd: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    openat(fd, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use nix::sys::wait::{WaitStatus, waitpid};
    use rustix::fs::{AtFlags, statat};

    /// What kernels before 6.13 are left with works on the newer ones too.
    #[test]
    fn layers_can_be_stacked_by_name() {
        let directory = std::env::temp_dir().join(format!("lernhafen-overlay-{}", std::process::id()));
        let path = |name: &str| directory.join(name);
        for name in ["below", "above", "upper", "work"] {
            std::fs::create_dir_all(path(name)).unwrap();
            std::fs::write(path(name).join("top"), name).unwrap();
        }
        std::fs::remove_file(path("upper/top")).unwrap();
        std::fs::write(path("below/bottom"), "").unwrap();
        let pid = crate::sys::fork(|| {
            let user_namespace = super::super::namespaces::new_user_namespace(0x2000_0000).unwrap();
            let layers = ["above", "below"].map(|name| idmapped(&path(name), user_namespace.as_fd()).unwrap());
            let root = by_name(&layers, &path("upper"), &path("work")).unwrap();
            let found = statat(&root, "bottom", AtFlags::empty()).unwrap();
            assert_eq!(found.st_uid, 0x2000_0000, "owners are shifted");
            assert_eq!(statat(&root, "top", AtFlags::empty()).unwrap().st_size, 5, "the first layer is on top");
        });
        let pid = nix::unistd::Pid::from_raw(pid.unwrap());
        assert_eq!(waitpid(pid, None).unwrap(), WaitStatus::Exited(pid, 0));
        std::fs::remove_dir_all(directory).unwrap();
    }
}
