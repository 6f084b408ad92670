//! The canary, as its keeper holds it.
//!
//! Left alone, the kernel ends processes in the order of what it counts as each one's own: the shell, or a container that has
//! nothing to do with it, and not the few bytes of a `dd` that has filled a tmpfs. The canary is what it ends first. The keeper traces it
//! and is told while it is still there; and as long as a victim hasn't gone the kernel chooses no other, and whoever wants
//! memory waits, for two seconds at most. That is time to end what has taken it (`shortage.rs`).

use super::complain;
use super::supervisor::Supervisor;
use crate::process::fork_canary;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustix::process::WaitStatus;
use std::time::{Duration, Instant};

/// After a host's begin, which has better things to do then.
const AFTER_BEGIN: Duration = Duration::from_millis(500);
/// After one that couldn't be made, or ended though this host has memory left: the machine has none, for example.
const LATER: Duration = Duration::from_secs(30);

/// A host's canary, and those before it.
#[derive(Debug, Default)]
pub(super) struct Canary {
    living: Option<i32>,
    /// The kernel has chosen it; it is about to end, and doesn't.
    held: Option<i32>,
    /// Not reaped yet.
    ending: Vec<i32>,
    /// When the next one is made, if none lives.
    due: Option<Instant>,
}

impl Canary {
    /// There is something to watch over.
    pub(super) fn host_begins(&mut self) {
        self.due = Some(Instant::now() + AFTER_BEGIN);
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.living.is_none())
    }

    /// Pids that aren't anybody's of the host.
    pub(super) fn pids(&self) -> impl Iterator<Item = i32> {
        self.living.into_iter().chain(self.held).chain(self.ending.iter().copied())
    }

    /// Lets the one that is held end.
    pub(super) fn let_go(&mut self) {
        if let Some(held) = self.held.take() {
            self.ending.push(held);
            go_on(held);
        }
    }

    pub(super) fn lives(&self) -> bool {
        self.living.is_some()
    }

    /// The next one isn't made for a while.
    pub(super) fn rest(&mut self) {
        self.due = Some(Instant::now() + LATER);
    }

    /// Ends it, for good.
    pub(super) fn end(&mut self) {
        self.let_go();
        self.due = None;
        if let Some(living) = self.living.take() {
            self.ending.push(living);
            // It stops once more then, and is let go by who hears of that. Not reaped yet, so it can't fail.
            let _ = kill(Pid::from_raw(living), Signal::SIGKILL);
        }
    }
}

impl Supervisor {
    /// Takes note of a child that is stopped: only the canary is traced.
    pub(super) fn stopped(&mut self, pid: i32, status: WaitStatus) {
        let ends = status.as_raw() >> 16 == libc::PTRACE_EVENT_EXIT;
        if !ends || self.canary.living != Some(pid) {
            return go_on(pid);
        }
        // One that is still held was chosen two seconds ago: it keeps the kernel from nothing any more.
        self.canary.let_go();
        (self.canary.living, self.canary.held) = (None, Some(pid));
        self.memory_is_short();
    }

    /// Whether it was a canary that has ended.
    pub(super) fn is_canary_gone(&mut self, pid: i32) -> bool {
        let canary = &mut self.canary;
        if canary.living == Some(pid) {
            // Killed once more before it could be held.
            canary.living = None;
            self.memory_is_short();
            return true;
        }
        if canary.held == Some(pid) {
            canary.held = None;
            return true;
        }
        let before = canary.ending.len();
        canary.ending.retain(|ending| *ending != pid);
        canary.ending.len() < before
    }

    /// Has the kernel find a canary from now on.
    pub(super) fn make_canary(&mut self) {
        match fork_canary(&workstation_of(&self.cgroup)) {
            Ok(pid) => {
                self.childless = false;
                self.canary.living = Some(pid);
                self.canary.due = None;
            }
            Err(failure) => {
                complain(format_args!("{}", failure.message));
                self.canary.rest();
            }
        }
    }
}

/// The group of the workstation's processes.
pub(super) fn workstation_of(host: &str) -> String {
    format!("{host}/workstation")
}

/// Lets a process that is traced go on from where it is stopped; one that was killed meanwhile needs nobody for that.
fn go_on(pid: i32) {
    let _ = ptrace::cont(Pid::from_raw(pid), None);
}
