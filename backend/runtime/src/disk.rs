//! A virtual host's disk: a file with a file system in it, so that what is written there has an end.

use crate::beneath::open_machine;
use crate::failure::{Doing, Failure, FailureKind, Result};
use crate::filesystem::{NewFilesystem, attach};
use crate::sys;
use nix::libc::EBUSY;
use nix::sched::{CloneFlags, unshare};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use rustix::mount::{MountAttrFlags, MountPropagationFlags, mount_change};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long whoever had the disk before may take to let go of it: the kernel ends a host's processes in its own time.
const PATIENCE: Duration = Duration::from_secs(3);
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// How often others may be faster in taking a loop device: as many hosts as begin at once.
const ATTEMPTS: usize = 1000;

/// Mounts the ext4 in `file`, nowhere yet. It stays until the last descriptor, mount namespace and file of it has gone, and leaves
/// nothing. Waits for some seconds while it is mounted already: two mounts at once would destroy it.
///
/// # Errors
/// If there are no loop devices, or no file system that can be mounted, or it stays in use.
pub fn mount(file: &Path) -> Result<OwnedFd> {
    let name = file.display();
    let open = OpenOptions::new().read(true).write(true).open(file);
    let open = open.doing(|| format!("opening the disk {name}"))?;
    // The loop device refers to this very descriptor's file: the lock lasts as long as it does.
    lock(&open).doing(|| format!("taking the disk {name}, which is still in use"))?;
    let (_device, path) = attach_to_loop(&open).doing(|| format!("attaching the disk {name} to a loop device"))?;
    let filesystem = NewFilesystem::named("ext4", &path)?;
    // What is deleted is the machine's again. Tables of inodes that were never written are zero in a sparse file.
    for flag in ["discard", "noinit_itable"] {
        filesystem.set_flag(flag)?;
    }
    filesystem.mount(MountAttrFlags::MOUNT_ATTR_NODEV).map_err(|failure| Failure {
        kind: FailureKind::System,
        message: format!("mounting the disk {name}: {}", failure.message),
    })
}

/// Puts a mounted disk over a directory, in a mount namespace of the caller's own: it goes with the caller and its children.
pub(crate) fn put_over(disk: &OwnedFd, directory: &Path) -> Result<()> {
    let step = || format!("mounting a virtual host's disk over {}", directory.display());
    unshare(CloneFlags::CLONE_NEWNS).doing(step)?;
    // What the machine unmounts must not stay mounted here.
    mount_change(c"/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC).doing(step)?;
    open_machine(directory).and_then(|directory| attach(disk, directory)).doing(step)
}

fn lock(file: &File) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) if begun.elapsed() < PATIENCE => std::thread::sleep(BETWEEN_LOOKS),
            other => return Ok(other?),
        }
    }
}

/// A loop device for the file, and its path. It goes when it is neither open nor mounted any more.
fn attach_to_loop(file: &File) -> io::Result<(File, String)> {
    let control = OpenOptions::new().read(true).write(true).open("/dev/loop-control")?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let path = format!("/dev/loop{}", sys::free_loop_device(&control)?);
        let device = OpenOptions::new().read(true).write(true).open(&path)?;
        match sys::attach_loop_device(&device, file) {
            Ok(()) => return Ok((device, path)),
            Err(error) if error.raw_os_error() == Some(EBUSY) && attempts < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}
