//! The control groups as a container sees them: its own group is the root (a cgroup namespace), in every hierarchy.

use super::options::Options;
use crate::cgroup::{Hierarchy, layout};
use crate::failure::{Doing, Result};
use crate::filesystem::{NewFilesystem, attach, clone_path};
use crate::sys::mount_setattr;
use rustix::fs::{Mode, OFlags, mkdirat, openat, symlinkat};
use rustix::mount::MountAttrFlags;
use std::os::fd::{AsFd, OwnedFd};

/// A group in every hierarchy, as mounts that are nowhere yet: what a process sees whose cgroup namespace begins there. Done by the
/// machine's root. For a mount of version 1 that is made anew the kernel walks through all groups of the machine.
pub(crate) fn clones(group: &str) -> Result<Vec<OwnedFd>> {
    let directories = layout()?.directories(group);
    directories
        .map(|path| clone_path(&path, false).doing(|| format!("referring to the cgroup {}", path.display())))
        .collect()
}

/// Mounts them on the directory `target`: those `ready` from [`clones`], or as the caller's cgroup namespace has them. Always read-only:
/// what is written there may reach the machine (`release_agent` of version 1).
pub(crate) fn attach_at(target: &OwnedFd, options: &Options, ready: Option<Vec<OwnedFd>>) -> Result<()> {
    let step = || "mounting the cgroup file system".to_owned();
    let layout = layout()?;
    let attributes = options.set | MountAttrFlags::MOUNT_ATTR_RDONLY;
    let mut ready = ready.unwrap_or_default().into_iter();
    let mut mount = |make: &dyn Fn() -> Result<NewFilesystem<'static>>| match ready.next() {
        Some(mount) => {
            mount_setattr(&mount, false, attributes, MountAttrFlags::empty()).doing(step)?;
            Ok(mount)
        }
        None => make()?.mount(attributes),
    };
    let version_2 = || NewFilesystem::open("cgroup2");
    if layout.v1.is_empty() {
        return attach(mount(&version_2)?, target).doing(step);
    }
    // As systemd has it on a hybrid machine: a directory for each hierarchy.
    let tmpfs = NewFilesystem::open("tmpfs")?;
    tmpfs.set("mode", "755")?;
    let above = tmpfs.mount(attributes - MountAttrFlags::MOUNT_ATTR_RDONLY)?;
    attach(&above, target).doing(step)?;
    for hierarchy in &layout.v1 {
        let name = directory_of(hierarchy);
        attach(mount(&|| version_1(hierarchy))?, directory(&above, &name)?).doing(step)?;
        if hierarchy.controllers.len() > 1 {
            for controller in &hierarchy.controllers {
                symlinkat(&name, &above, controller).doing(step)?;
            }
        }
    }
    if layout.v2.is_some() {
        attach(mount(&version_2)?, directory(&above, "unified")?).doing(step)?;
    }
    mount_setattr(&above, false, MountAttrFlags::MOUNT_ATTR_RDONLY, MountAttrFlags::empty()).doing(step)
}

fn version_1(hierarchy: &Hierarchy) -> Result<NewFilesystem<'static>> {
    let filesystem = NewFilesystem::open("cgroup")?;
    for controller in &hierarchy.controllers {
        match controller.split_once('=') {
            Some((key, value)) => {
                filesystem.set_flag("none")?;
                filesystem.set(key, value)?;
            }
            None => filesystem.set_flag(controller)?,
        }
    }
    Ok(filesystem)
}

fn directory_of(hierarchy: &Hierarchy) -> String {
    let name = hierarchy.controllers.join(",");
    name.strip_prefix("name=").unwrap_or(&name).to_owned()
}

fn directory(parent: impl AsFd, name: &str) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    mkdirat(&parent, name, Mode::from_raw_mode(0o755))
        .and_then(|()| openat(&parent, name, flags, Mode::empty()))
        .doing(|| format!("making the directory {name} for a cgroup hierarchy"))
}
