//! The root file system: layers that all hosts share, shifted into this host's ids, and what the container writes on top.

use super::beneath::open_machine;
use super::failure::{Doing, Result, invalid};
use super::filesystem::{NewFilesystem, attach, clone_path};
use crate::keeper::protocol::Rootfs;
use crate::sys::mount_idmap;
use nix::sched::{CloneFlags, unshare};
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MountPropagationFlags, mount_change};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

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
    let upper = directory(open_machine(upper), upper)?;
    let work = directory(open_machine(work), work)?;
    let overlay = NewFilesystem::open("overlay")?;
    match by_fd(&overlay, &layers, &upper, &work) {
        Ok(()) => {}
        // Before Linux 6.13, layers can only be named.
        Err(Errno::INVAL) => by_name(&overlay, &layers, &upper, &work)?,
        Err(error) => return Err(error).doing(|| format!("stacking {} layers", layers.len())),
    }
    overlay.mount(MountAttrFlags::MOUNT_ATTR_NODEV)
}

/// A layer with its owners shifted: what belongs to root in the image belongs to the host's root.
fn idmapped(path: &Path, user_namespace: BorrowedFd) -> Result<OwnedFd> {
    let layer = clone_path(path, false).doing(|| format!("opening the layer {}", path.display()))?;
    mount_idmap(&layer, false, user_namespace)
        .doing(|| format!("shifting the owners of the layer {}", path.display()))?;
    Ok(layer)
}

fn by_fd(overlay: &NewFilesystem, layers: &[OwnedFd], upper: &OwnedFd, work: &OwnedFd) -> rustix::io::Result<()> {
    for layer in layers {
        // The overlay takes descriptors that are open, not those that merely refer (O_PATH).
        overlay.set_fd("lowerdir+", open_directory(layer)?)?;
    }
    overlay.set_fd("upperdir", upper)?;
    overlay.set_fd("workdir", work)
}

/// Names a mount only if it is somewhere: attaches the layers, on top of nothing that matters, in a mount namespace of its
/// own. The descriptors' names in /proc spare us the escaping of paths.
fn by_name(overlay: &NewFilesystem, layers: &[OwnedFd], upper: &OwnedFd, work: &OwnedFd) -> Result<()> {
    let step = || "stacking layers by their names".to_owned();
    unshare(CloneFlags::CLONE_NEWNS).doing(step)?;
    mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).doing(step)?;
    for layer in layers {
        attach(layer, work).doing(step)?;
    }
    let name = |fd: &OwnedFd| format!("/proc/self/fd/{}", fd.as_raw_fd());
    overlay.set("lowerdir", &layers.iter().map(name).collect::<Vec<_>>().join(":"))?;
    overlay.set("upperdir", &name(upper))?;
    overlay.set("workdir", &name(work))
}

fn directory(opened: rustix::io::Result<OwnedFd>, path: &Path) -> Result<OwnedFd> {
    opened.and_then(|fd| open_directory(&fd)).doing(|| format!("opening the directory {}", path.display()))
}

fn open_directory(fd: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    openat(fd, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}
