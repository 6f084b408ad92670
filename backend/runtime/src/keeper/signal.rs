//! Signals to processes, by their pidfds.

use crate::cgroup;
use crate::failure::{Doing, Failure, Result, invalid};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::os::fd::AsFd;

/// The signal of a number, real-time ones too.
pub(super) fn signal(number: i32) -> Result<Signal> {
    if !(1..=64).contains(&number) {
        return Err(invalid(format!("{number} is not the number of a signal: they go from 1 to 64")));
    }
    #[allow(unsafe_code, reason = "rustix has no other way to name a real-time signal")]
    // SAFETY: the number is a signal's; that libc keeps two for itself matters to its handlers, not to other processes.
    Ok(unsafe { Signal::from_raw_unchecked(number) })
}

/// Sends a signal; a process that has ended already is as good as signalled.
pub(super) fn send(pidfd: impl AsFd, signal: Signal, id: &str) -> Result<()> {
    match pidfd_send_signal(pidfd, signal) {
        Err(rustix::io::Errno::SRCH) => Ok(()),
        other => other.doing(|| format!("sending signal {} to {id}", signal.as_raw())),
    }
}

/// Sends a signal to every process in a cgroup.
pub(super) fn send_to_all(cgroup: &str, signal: Signal) -> Result<()> {
    let pids = cgroup::processes(cgroup)?.into_iter().filter_map(Pid::from_raw);
    let open: Vec<_> = pids.filter_map(|pid| Some((pid, pidfd_open(pid, PidfdFlags::empty()).ok()?))).collect();
    // A number may have passed to another process before it was opened: who is still listed is the one that is meant.
    let still: Vec<i32> = cgroup::processes(cgroup)?;
    let failed = |(pid, pidfd): (Pid, _)| match still.contains(&pid.as_raw_nonzero().get()) {
        true => send(pidfd, signal, cgroup).err(),
        false => None,
    };
    let failures: Vec<Failure> = open.into_iter().filter_map(failed).collect();
    failures.into_iter().next().map_or(Ok(()), Err)
}
