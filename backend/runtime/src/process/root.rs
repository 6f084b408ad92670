//! The root file system of a container or a workstation: prepared by the machine's root, assembled by init.

use super::console::{self, Terminal};
use super::mounts::{self, Place, Planned};
use super::{Rootfs, devices, mask, overlay, shm};
use crate::beneath;
use crate::failure::{Doing, Result};
use crate::filesystem::{attach, clone_fd};
use crate::sys::mount_setattr;
use oci_spec::runtime::{Process, Spec};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::mount::{MountAttrFlags, MountPropagationFlags, UnmountFlags, mount_change, unmount};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// What the machine's root has made ready. None of it is attached anywhere.
#[derive(Debug)]
pub(crate) struct Root {
    root: OwnedFd,
    mounts: Vec<Planned>,
    null: OwnedFd,
}

impl Root {
    /// With `shm`, that is mounted where the spec lists a tmpfs at `/dev/shm`. `cgroup`: the caller's group, if
    /// a new cgroup namespace is to begin there.
    pub(crate) fn prepare(
        spec: &Spec,
        rootfs: &Rootfs,
        shm: Option<OwnedFd>,
        id_base: u32,
        user_namespace: impl AsFd,
        cgroup: Option<&str>,
    ) -> Result<Self> {
        let root = overlay::root(rootfs, id_base, &user_namespace)?;
        let listed = spec.mounts().as_deref().unwrap_or_default();
        let devices = spec.linux().as_ref().and_then(|linux| linux.devices().as_deref()).unwrap_or_default();
        let place = Place { devices, id_base, user_namespace: user_namespace.as_fd(), cgroup };
        let mut mounts = mounts::prepare(listed, place)?;
        if let Some(shm) = shm {
            mounts::replace(&mut mounts, Path::new(shm::PATH), shm);
        }
        Ok(Self { root, mounts, null: devices::null()? })
    }

    /// What is mounted besides what the spec lists.
    pub(crate) fn with(mut self, binds: Vec<Planned>) -> Self {
        if !binds.is_empty() {
            self.mounts.extend(binds);
            mounts::sort(&mut self.mounts);
        }
        self
    }
}

/// Makes the prepared root the caller's root, with everything mounted that the spec lists, and nothing of the machine left.
/// Done in a new mount namespace. Answers the terminal of a process that asks for one.
pub(crate) fn assemble(prepared: Root, spec: &Spec, process: Option<&Process>) -> Result<Option<Terminal>> {
    let Root { root, mounts, null } = prepared;
    let step = || "attaching the root file system".to_owned();
    mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).doing(step)?;
    // It must be somewhere to become the root; the machine's /dev, which isn't needed any more, is as good as any place.
    let place = openat(CWD, c"/dev", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).doing(step)?;
    attach(&root, place).doing(step)?;

    mounts::attach_all(mounts, &root)?;
    let mut terminal = None;
    if let Some(process) = process {
        beneath::make_directory(&root, process.cwd())?;
        if process.terminal() == Some(true) {
            let opened = console::open(&root, process)?;
            console::bind(&root, &opened)?;
            terminal = Some(opened);
        }
    }
    if let Some(linux) = spec.linux() {
        mask::freeze(&root, linux.readonly_paths().as_deref().unwrap_or_default())?;
        mask::hide(&root, linux.masked_paths().as_deref().unwrap_or_default(), null)?;
    }
    if spec.root().as_ref().is_some_and(|root| root.readonly() == Some(true)) {
        mount_setattr(&root, false, MountAttrFlags::MOUNT_ATTR_RDONLY, MountAttrFlags::empty()).doing(step)?;
    }
    pivot(root)?;
    Ok(terminal)
}

/// Makes the root of the container whose mount namespace the caller has a copy of the caller's root once more: with the binds that are
/// listed, but with nothing else that is mounted there. The kernel's own file systems are out of reach then, as they are in Docker.
pub(crate) fn reassemble(binds: &[&Path]) -> Result<()> {
    let step = || "opening the container's root".to_owned();
    mount_change(c"/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).doing(step)?;
    let seen = openat(CWD, c"/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).doing(step)?;
    let root = clone_fd(&seen, false).doing(step)?;
    let mut mounts = Vec::new();
    for target in binds {
        let step = || format!("opening {} of the container", target.display());
        let found = beneath::open(&seen, target).and_then(|found| clone_fd(found, false));
        mounts.push((target, found.doing(step)?));
    }
    attach(&root, &seen).doing(step)?;
    for (target, mount) in mounts {
        let step = || format!("mounting at {}", target.display());
        let place = beneath::open(&root, target).doing(step)?;
        attach(mount, place).doing(step)?;
    }
    pivot(root)
}

/// The old root is put on top of the new one, and taken away from there: no directory is needed for it.
fn pivot(root: OwnedFd) -> Result<()> {
    let step = || "changing the root".to_owned();
    rustix::process::fchdir(&root).doing(step)?;
    rustix::process::pivot_root(c".", c".").doing(step)?;
    unmount(c".", UnmountFlags::DETACH).doing(step)?;
    rustix::process::chdir(Path::new("/")).doing(step)
}
