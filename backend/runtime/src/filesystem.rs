//! Mounts that are nowhere yet: made by file descriptor, and attached by file descriptor.

use super::failure::{Doing, Failure, Result, invalid, reason};
use rustix::fs::CWD;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_fd,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// A file system that is being set up.
#[derive(Debug)]
pub(crate) struct NewFilesystem<'a> {
    kind: &'a str,
    context: OwnedFd,
}

impl<'a> NewFilesystem<'a> {
    /// Begins to set up a file system of a kind that the kernel knows.
    pub(crate) fn open(kind: &'a str) -> Result<Self> {
        Self::named(kind, kind)
    }

    /// The same; `source` is what a list of mounts will call it.
    pub(crate) fn named(kind: &'a str, source: &str) -> Result<Self> {
        let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC).doing(|| format!("setting up a {kind} file system"))?;
        let filesystem = Self { kind, context };
        filesystem.set("source", source)?;
        Ok(filesystem)
    }

    pub(crate) fn set(&self, key: &str, value: &str) -> Result<()> {
        fsconfig_set_string(&self.context, key, value).map_err(|error| self.failed(&format!("{key}={value}"), error))
    }

    pub(crate) fn set_flag(&self, key: &str) -> Result<()> {
        fsconfig_set_flag(&self.context, key).map_err(|error| self.failed(key, error))
    }

    pub(crate) fn set_fd(&self, key: &str, fd: impl AsFd) -> rustix::io::Result<()> {
        fsconfig_set_fd(&self.context, key, fd)
    }

    /// Makes it, as a mount that is nowhere yet.
    pub(crate) fn mount(self, attributes: MountAttrFlags) -> Result<OwnedFd> {
        fsconfig_create(&self.context).map_err(|error| self.failed("create", error))?;
        fsmount(&self.context, FsMountFlags::FSMOUNT_CLOEXEC, attributes).map_err(|error| self.failed("mount", error))
    }

    /// The kernel explains itself on the context: `e overlay: …`.
    fn failed(&self, what: &str, error: rustix::io::Errno) -> Failure {
        let mut text = [0; 256];
        let length = rustix::io::read(&self.context, &mut text).unwrap_or(0);
        let said = String::from_utf8_lossy(text.get(..length).unwrap_or_default());
        let said = said.get(2..).map(|text| format!(" ({})", text.trim_end())).unwrap_or_default();
        let error: io::Error = error.into();
        invalid(format!("a {} file system can't be set up: {what}: {}{said}", self.kind, reason(&error)))
    }
}

/// A copy of the mount that is at a path of the machine, or of the part of it that is there; nowhere yet.
pub(crate) fn clone_path(path: &Path, recursive: bool) -> rustix::io::Result<OwnedFd> {
    open_tree(CWD, path, clone_flags(recursive) | OpenTreeFlags::AT_SYMLINK_NOFOLLOW)
}

/// A copy of the mount that a file descriptor refers to, or of the part of it that is there; nowhere yet.
pub(crate) fn clone_fd(fd: impl AsFd, recursive: bool) -> rustix::io::Result<OwnedFd> {
    open_tree(fd.as_fd(), c"", clone_flags(recursive) | OpenTreeFlags::AT_EMPTY_PATH)
}

fn clone_flags(recursive: bool) -> OpenTreeFlags {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if recursive { flags | OpenTreeFlags::AT_RECURSIVE } else { flags }
}

/// Puts a mount that is nowhere yet on what `target` refers to.
pub(crate) fn attach(mount: impl AsFd, target: impl AsFd) -> rustix::io::Result<()> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount.as_fd(), c"", target.as_fd(), c"", flags)
}

/// A mount that is put in many places: the first takes it, the others take copies.
#[derive(Debug)]
pub(crate) struct Stamp {
    mount: OwnedFd,
    used: bool,
}

impl Stamp {
    pub(crate) fn new(mount: OwnedFd) -> Self {
        Self { mount, used: false }
    }

    pub(crate) fn attach(&mut self, target: impl AsFd) -> rustix::io::Result<()> {
        if self.used {
            return attach(clone_fd(&self.mount, false)?, target);
        }
        self.used = true;
        attach(&self.mount, target)
    }
}
