//! The control groups as a container sees them: its own group is the root (a cgroup namespace), in every hierarchy.

use super::failure::{Doing, Result};
use super::filesystem::{NewFilesystem, attach};
use super::options::Options;
use crate::cgroup::{Hierarchy, layout};
use crate::sys::mount_setattr;
use rustix::fs::{Mode, OFlags, mkdirat, openat, symlinkat};
use rustix::mount::MountAttrFlags;
use std::os::fd::{AsFd, OwnedFd};

/// Mounts them on the directory `target`. Always read-only: what is written there may reach the machine
/// (`release_agent` of version 1).
pub(crate) fn attach_at(target: &OwnedFd, options: &Options) -> Result<()> {
    let step = || "mounting the cgroup file system".to_owned();
    let layout = layout()?;
    let attributes = options.set | MountAttrFlags::MOUNT_ATTR_RDONLY;
    if layout.v1.is_empty() {
        return attach(NewFilesystem::open("cgroup2")?.mount(attributes)?, target).doing(step);
    }
    // As systemd has it on a hybrid machine: a directory for each hierarchy.
    let tmpfs = NewFilesystem::open("tmpfs")?;
    tmpfs.set("mode", "755")?;
    let mount = tmpfs.mount(attributes - MountAttrFlags::MOUNT_ATTR_RDONLY)?;
    attach(&mount, target).doing(step)?;
    for hierarchy in &layout.v1 {
        let name = directory_of(hierarchy);
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
        attach(filesystem.mount(attributes)?, directory(&mount, &name)?).doing(step)?;
        if hierarchy.controllers.len() > 1 {
            for controller in &hierarchy.controllers {
                symlinkat(&name, &mount, controller).doing(step)?;
            }
        }
    }
    if layout.v2.is_some() {
        let filesystem = NewFilesystem::open("cgroup2")?.mount(attributes)?;
        attach(filesystem, directory(&mount, "unified")?).doing(step)?;
    }
    mount_setattr(&mount, false, MountAttrFlags::MOUNT_ATTR_RDONLY, MountAttrFlags::empty()).doing(step)
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
