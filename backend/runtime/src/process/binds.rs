//! What is bound into a container: volumes of the virtual host, and what its workstation has.
//!
//! Neither is opened by a path of the machine that a tenant can influence. A volume is opened beneath the directory of volumes, in
//! which the tenant may have put links, and a path of the workstation by a child that is the workstation's root in its mount
//! namespace: it finds what that finds, and no more. What comes of either is a mount that is nowhere yet.

use super::Host;
use super::launch::die_with_parent;
use super::mounts::Planned;
use super::namespaces::{become_root, pidfd};
use crate::failure::{Doing, Failure, FailureKind, Result, invalid, reason};
use crate::filesystem::clone_fd;
use crate::sys::mount_setattr;
use crate::{beneath, sys, wire};
use nix::sched::{CloneFlags, setns};
use rustix::fs::{CWD, FsWord, Mode, OFlags, ResolveFlags, fstatfs, openat, openat2};
use rustix::io::Errno;
use rustix::mount::MountAttrFlags;
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Something of the virtual host that a container sees.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bind {
    /// Absolute, and not `/`. Made in the container where it isn't there.
    pub target: PathBuf,
    pub source: Source,
    pub access: Access,
    /// With what is mounted below the source.
    pub recursive: bool,
}

/// What is bound.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Source {
    /// The directory `_data` of a volume, or what `subpath` names in it. `directory` is the machine's, and has the volumes by name.
    Volume { directory: PathBuf, name: String, subpath: Option<PathBuf> },
    /// A path of the workstation. With `make`, a directory is made where there is nothing.
    Workstation { path: PathBuf, make: bool },
}

/// What may be done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Access {
    ReadWrite,
    /// What is mounted below the source may be written to.
    ReadOnly,
    ReadOnlyRecursive,
}

/// Makes ready what is bound. Done by the machine's root.
///
/// # Errors
/// A source isn't there, or can't be bound: in Docker's words where it has them.
pub(crate) fn prepare(binds: &[Bind], host: &Host) -> Result<Vec<Planned>> {
    let mut in_workstation = Vec::new();
    let mut planned = Vec::new();
    for bind in binds {
        match &bind.source {
            Source::Volume { directory, name, subpath } => {
                let found = volume(directory, name, subpath.as_deref())?;
                let mount =
                    cloned(found, bind, MountAttrFlags::MOUNT_ATTR_NODEV).map_err(|error| denied(bind, error))?;
                planned.push(Planned::ready(bind.target.clone(), mount)?);
            }
            Source::Workstation { .. } => in_workstation.push(bind),
        }
    }
    if !in_workstation.is_empty() {
        planned.extend(of_workstation(&in_workstation, host)?);
    }
    Ok(planned)
}

/// The directory of a volume, beneath that of all: none of the links that a tenant may have put there is followed. Only within
/// the volume they are, and lead no further.
pub(crate) fn volume(directory: &Path, name: &str, subpath: Option<&Path>) -> Result<OwnedFd> {
    let shown = || format!("/var/lib/docker/volumes/{name}/_data");
    let all = beneath::open_machine(directory).doing(|| "opening the directory of volumes".into())?;
    let strictly = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let data = openat2(&all, Path::new(name).join("_data"), flags, Mode::empty(), strictly)
        .map_err(|error| failed(error, format!("error while mounting volume '{}'", shown())))?;
    let Some(subpath) = subpath else { return Ok(data) };
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_XDEV;
    openat2(&data, subpath, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), within).map_err(|error| {
        let path = format!("{}/{}", shown(), subpath.display());
        failed(error, format!("cannot access path {path}: lstat {path}"))
    })
}

/// Binds of the workstation, in their order.
fn of_workstation(binds: &[&Bind], host: &Host) -> Result<Vec<Planned>> {
    let step = || "looking into the workstation".to_owned();
    let (ours, theirs) = wire::pair().doing(step)?;
    let init = pidfd(host.init)?;
    // A child: who has been in another mount namespace doesn't find back by itself.
    let child = sys::fork(|| {
        let tell = |outcome: Result<OwnedFd>| {
            let (failure, mount) = outcome.map_or_else(|failure| (Some(failure), None), |mount| (None, Some(mount)));
            let fds: Vec<_> = mount.iter().map(AsFd::as_fd).collect();
            // Who waits for it hears of our end if it can't be told.
            wire::send(&theirs, &failure, &fds).is_ok() && failure.is_none()
        };
        match enter(&init) {
            Ok(root) => drop(binds.iter().all(|bind| tell(open(&root, bind)))),
            Err(failure) => drop(tell(Err(failure))),
        }
    })
    .doing(step)?;
    drop(theirs);
    let received = binds.iter().map(|bind| match wire::receive::<Option<Failure>>(&ours).doing(step)? {
        Some((Some(failure), _)) => Err(failure),
        Some((None, fds)) => {
            let mount = fds.into_iter().next().ok_or_else(|| invalid("the workstation's file didn't come along"))?;
            Planned::ready(bind.target.clone(), mount)
        }
        None => Err(invalid("the workstation can't be looked into")),
    });
    let received = received.collect();
    // One that still has something to say is told that nobody listens.
    drop(ours);
    sys::wait_for(child);
    received
}

/// Becomes the workstation's root, in its mount namespace. Answers its root directory.
fn enter(init: &OwnedFd) -> Result<OwnedFd> {
    die_with_parent()?;
    setns(init, CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .doing(|| "joining the workstation (has it ended?)".into())?;
    become_root()?;
    die_with_parent()?;
    openat(CWD, c"/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .doing(|| "opening the workstation's root".into())
}

fn open(root: &OwnedFd, bind: &Bind) -> Result<OwnedFd> {
    let Source::Workstation { path, make } = &bind.source else {
        return Err(invalid("a volume is none of the workstation's paths"));
    };
    let found = match beneath::find(root, path) {
        Err(Errno::NOENT) if *make => beneath::make_directory(root, path).map_err(|failure| Failure {
            message: format!("error while creating mount source path '{}': {}", path.display(), failure.message),
            ..failure
        })?,
        other => other.map_err(|error| denied(bind, error))?,
    };
    if !bind.recursive && is_kernels(&found)? {
        return Err(invalid(format!(
            "{} can only be bound with what is mounted below it: that hides what is the machine's",
            path.display()
        )));
    }
    cloned(found, bind, MountAttrFlags::empty()).map_err(|error| denied(bind, error))
}

/// What the source says of itself stays: read-only is never taken back.
fn cloned(found: OwnedFd, bind: &Bind, attributes: MountAttrFlags) -> std::io::Result<OwnedFd> {
    let mount = clone_fd(found, bind.recursive)?;
    mount_setattr(&mount, bind.recursive, attributes, MountAttrFlags::empty())?;
    match bind.access {
        Access::ReadWrite => {}
        Access::ReadOnly => mount_setattr(&mount, false, MountAttrFlags::MOUNT_ATTR_RDONLY, MountAttrFlags::empty())?,
        Access::ReadOnlyRecursive => {
            mount_setattr(&mount, true, MountAttrFlags::MOUNT_ATTR_RDONLY, MountAttrFlags::empty())?;
        }
    }
    Ok(mount)
}

/// The kernel's own file systems, of which mounts hide parts.
fn is_kernels(found: &OwnedFd) -> Result<bool> {
    const PROC: FsWord = 0x9fa0;
    const SYSFS: FsWord = 0x6265_6572;
    let kind = fstatfs(found).doing(|| "looking at a bind's source".into())?.f_type;
    Ok(kind == PROC || kind == SYSFS)
}

fn denied(bind: &Bind, error: impl Into<std::io::Error>) -> Failure {
    let source = match &bind.source {
        Source::Volume { name, .. } => name.clone(),
        Source::Workstation { path, .. } => path.display().to_string(),
    };
    failed(error, format!("error mounting \"{source}\" to rootfs at \"{}\"", bind.target.display()))
}

fn failed(error: impl Into<std::io::Error>, what: String) -> Failure {
    let error = error.into();
    Failure { kind: FailureKind::Invalid, message: format!("{what}: {}", reason(&error)) }
}
