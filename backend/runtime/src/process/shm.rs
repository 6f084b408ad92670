//! `/dev/shm` of whoever a container shares its ipc namespace with: POSIX' shared memory is files there.

use crate::failure::{Doing, Failure, Result, invalid};
use crate::filesystem::clone_fd;
use crate::{beneath, sys, wire};
use nix::sched::{CloneFlags, setns};
use rustix::fs::{CWD, Mode, OFlags, openat};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// Where it is mounted.
pub(crate) const PATH: &str = "/dev/shm";

/// What a process has at `/dev/shm`, as a mount that is nowhere yet. Done by the machine's root, and by a child of the caller's:
/// who has been in another mount namespace doesn't find back by itself.
pub(crate) fn of(process: BorrowedFd) -> Result<OwnedFd> {
    let step = || "looking at the shared memory of another container".to_owned();
    let (ours, theirs) = wire::pair().doing(step)?;
    let child = sys::fork(|| {
        let (answer, mount) = match open(process) {
            Ok(mount) => (None, Some(mount)),
            Err(failure) => (Some(failure), None),
        };
        let fds: Vec<_> = mount.iter().map(AsFd::as_fd).collect();
        // Who waits for it hears of our end if it can't be told.
        drop(wire::send(&theirs, &answer, &fds));
    })
    .doing(step)?;
    drop(theirs);
    let answer = wire::receive::<Option<Failure>>(&ours);
    sys::wait_for(child);
    match answer.doing(step)? {
        Some((Some(failure), _)) => Err(failure),
        Some((None, fds)) => fds.into_iter().next().ok_or_else(|| invalid("another container has no shared memory")),
        None => Err(invalid("the shared memory of another container can't be looked at")),
    }
}

/// The directory may be anything that the other container has put there: it is resolved beneath that one's root.
fn open(process: BorrowedFd) -> Result<OwnedFd> {
    let step = || "opening the shared memory of another container (has it ended?)".to_owned();
    setns(process, CloneFlags::CLONE_NEWNS).doing(step)?;
    let root = openat(CWD, c"/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).doing(step)?;
    let found = beneath::open_with(root, Path::new(PATH), OFlags::PATH | OFlags::DIRECTORY).doing(step)?;
    clone_fd(found, false).doing(step)
}
