//! The mounts of a spec: prepared by the machine's root where it takes that, attached by the container's init.

use super::options::{Options, parse};
use super::{cgroupfs, devices};
use crate::beneath;
use crate::failure::{Doing, Failure, FailureKind, Result, invalid};
use crate::filesystem::{NewFilesystem, attach, clone_path};
use crate::sys::{mount_idmap, mount_setattr, set_propagation};
use oci_spec::runtime::{LinuxDevice, Mount};
use rustix::fs::{FileType, fstat};
use rustix::mount::MountAttrFlags;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// A mount on its way.
#[derive(Debug)]
pub(crate) struct Planned {
    target: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// Nowhere yet.
    Ready {
        mount: OwnedFd,
        is_directory: bool,
    },
    /// Belongs to the container's namespaces: made there.
    New {
        filesystem: String,
        source: String,
        options: Options,
    },
    Cgroup(Options, Option<Vec<OwnedFd>>),
}

impl Planned {
    /// A mount that is nowhere yet.
    pub(crate) fn ready(target: PathBuf, mount: OwnedFd) -> Result<Self> {
        check_target(&target)?;
        let mode = fstat(&mount).doing(|| format!("looking at what is mounted at {}", target.display()))?.st_mode;
        let is_directory = FileType::from_raw_mode(mode) == FileType::Directory;
        Ok(Self { target, kind: Kind::Ready { mount, is_directory } })
    }
}

/// Puts what lies in another mount after that, as Docker does.
pub(crate) fn sort(planned: &mut [Planned]) {
    planned.sort_by_key(|planned| planned.target.components().count());
}

fn check_target(target: &Path) -> Result<()> {
    if !target.is_absolute() || target == Path::new("/") {
        return Err(invalid(format!(
            "a mount's destination must be an absolute path below /, not {}",
            target.display()
        )));
    }
    Ok(())
}

/// What mounts are prepared for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) devices: &'a [LinuxDevice],
    pub(crate) id_base: u32,
    pub(crate) user_namespace: BorrowedFd<'a>,
    /// The group that is the root of a new cgroup namespace; `None`: there is no new one.
    pub(crate) cgroup: Option<&'a str>,
}

/// Does what only the machine's root can: opens the sources of binds by their paths on the machine, makes `/dev`.
pub(crate) fn prepare(mounts: &[Mount], place: Place) -> Result<Vec<Planned>> {
    mounts.iter().map(|mount| prepare_one(mount, place)).collect()
}

fn prepare_one(mount: &Mount, place: Place) -> Result<Planned> {
    let Place { devices, id_base, user_namespace, cgroup } = place;
    let target = mount.destination().clone();
    check_target(&target)?;
    let options = parse(mount)?;
    if options.bind {
        return Planned::ready(target, bind(mount, &options, user_namespace)?);
    }
    let kind = match mount.typ().as_deref() {
        Some("tmpfs") if target == Path::new("/dev") => {
            Kind::Ready { mount: devices::tmpfs(&options, devices, id_base)?, is_directory: true }
        }
        Some("cgroup" | "cgroup2") => Kind::Cgroup(options, cgroup.map(cgroupfs::clones).transpose()?),
        Some(name @ ("proc" | "sysfs" | "tmpfs" | "devpts" | "mqueue")) => {
            let source = mount.source().as_ref().map_or(name.into(), |source| source.display().to_string());
            Kind::New { filesystem: name.to_owned(), source, options }
        }
        other => {
            let name = other.unwrap_or("(none)");
            return Err(invalid(format!("a mount of type {name} at {} is not supported", target.display())));
        }
    };
    Ok(Planned { target, kind })
}

/// Puts a directory that is mounted nowhere yet in the place of what is to be mounted at `target`, if anything is.
pub(crate) fn replace(planned: &mut [Planned], target: &Path, mount: OwnedFd) {
    if let Some(found) = planned.iter_mut().find(|planned| planned.target == target) {
        found.kind = Kind::Ready { mount, is_directory: true };
    }
}

fn bind(mount: &Mount, options: &Options, user_namespace: BorrowedFd) -> Result<OwnedFd> {
    let Some(source) = mount.source().as_ref().filter(|source| source.is_absolute()) else {
        return Err(invalid(format!("the bind at {} needs an absolute source", mount.destination().display())));
    };
    let step = || format!("binding {}", source.display());
    let bound = clone_path(source, options.recursive).doing(step)?;
    if options.idmap {
        mount_idmap(&bound, options.recursive, user_namespace).doing(step)?;
    }
    // What is bound is data: a device or a program that gains rights must not come in that way unless it is asked for.
    let attributes = options.set | (MountAttrFlags::MOUNT_ATTR_NODEV - options.clear);
    mount_setattr(&bound, options.recursive, attributes, options.clear).doing(step)?;
    Ok(bound)
}

/// Mounts below `root`. Done by the container's init, in its namespaces.
pub(crate) fn attach_all(planned: Vec<Planned>, root: impl AsFd) -> Result<()> {
    for Planned { target, kind } in planned {
        let step = || format!("mounting at {}", target.display());
        match kind {
            Kind::Ready { mount, is_directory } => {
                check_kind(&root, &target, is_directory)?;
                let found = match is_directory {
                    true => beneath::make_directory(&root, &target)?,
                    false => beneath::make_file(&root, &target)?,
                };
                attach(mount, found).doing(step)?;
            }
            Kind::New { filesystem, source, mut options } => {
                if filesystem == "tmpfs" {
                    keep_mode(&root, &target, &mut options);
                }
                let found = beneath::make_directory(&root, &target)?;
                attach(new(&filesystem, &source, &options)?, found).doing(step)?;
            }
            Kind::Cgroup(options, ready) => {
                let found = beneath::make_directory(&root, &target)?;
                cgroupfs::attach_at(&found, &options, ready)?;
            }
        }
    }
    Ok(())
}

/// A directory goes on a directory, and a file on what is none: in Docker's words.
fn check_kind(root: impl AsFd, target: &Path, is_directory: bool) -> Result<()> {
    let Ok(found) = beneath::open(root, target).and_then(fstat) else { return Ok(()) };
    if (FileType::from_raw_mode(found.st_mode) == FileType::Directory) == is_directory {
        return Ok(());
    }
    let message = format!("error mounting to rootfs at \"{}\": not a directory", target.display());
    Err(Failure { kind: FailureKind::CommandUnusable, message })
}

/// As in runc: a tmpfs that is told no mode has that of the directory that it covers.
fn keep_mode(root: impl AsFd, target: &Path, options: &mut Options) {
    if options.data.iter().any(|(key, _)| key == "mode") {
        return;
    }
    if let Ok(found) = beneath::open(root, target).and_then(fstat) {
        options.data.push(("mode".to_owned(), Some(format!("{:o}", found.st_mode & 0o7777))));
    }
}

fn new(kind: &str, source: &str, options: &Options) -> Result<OwnedFd> {
    let filesystem = NewFilesystem::named(kind, source)?;
    for (key, value) in &options.data {
        match value {
            Some(value) => filesystem.set(key, value)?,
            None => filesystem.set_flag(key)?,
        }
    }
    let mount = filesystem.mount(options.set)?;
    if let Some(propagation) = options.propagation {
        set_propagation(&mount, propagation).doing(|| format!("sharing what is mounted below a {kind}"))?;
    }
    Ok(mount)
}
