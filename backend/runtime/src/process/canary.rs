//! The canary of a virtual host: the process that the kernel ends before any other when the host's memory is used up.

use super::launch::{adjust_oom_score, die_with_parent};
use crate::failure::{Doing, Result};
use crate::{cgroup, sys};
use nix::sys::ptrace::{self, Options};
use nix::unistd::Pid;
use rustix::thread::set_name;

/// Puts a canary among the processes whose memory is counted in the group; answers its pid. It is the machine's root's, and in
/// none of the host's namespaces, so that nobody inside sees it or can end it.
///
/// The caller traces it: `waitid` says when it is about to end (a stop with `PTRACE_EVENT_EXIT`), and so it stays until it is let go.
///
/// # Errors
/// If the system can't fork, or doesn't let the caller trace.
pub fn fork_canary(group: &str) -> Result<i32> {
    let canary = sys::fork(|| match live(group) {
        Ok(()) => loop {
            nix::unistd::pause();
        },
        // Standard error is the keeper's own log.
        Err(failure) => eprintln!("the host has no canary: {}", failure.message),
    })
    .doing(|| "forking a canary".into())?;
    let traced = ptrace::seize(Pid::from_raw(canary), Options::PTRACE_O_TRACEEXIT | Options::PTRACE_O_EXITKILL);
    if let Err(error) = traced {
        // Not reaped yet, so it can't fail.
        let _ = nix::sys::signal::kill(Pid::from_raw(canary), nix::sys::signal::Signal::SIGKILL);
        return Err(error).doing(|| "tracing a canary".into());
    }
    Ok(canary)
}

/// Everything is prepared before the group is entered: in there, memory may be short.
fn live(group: &str) -> Result<()> {
    set_name(c"canary").doing(|| "setting the process's name".into())?;
    sys::set_command_line("canary").doing(|| "changing the command line".into())?;
    die_with_parent()?;
    sys::close_all_but(&[]).doing(|| "closing what the keeper has open".into())?;
    adjust_oom_score(1000)?;
    cgroup::enter_memory(group)
}
