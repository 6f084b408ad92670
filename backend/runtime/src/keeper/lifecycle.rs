//! Processes that end, and what is done about it.

use super::protocol::{Event, Reply, Status, WORKSTATION};
use super::supervised::{End, Stage, Supervised, Verdict};
use super::supervisor::Supervisor;
use super::{complain, signal};
use crate::cgroup;
use rustix::io::Errno;
use rustix::process::{Signal, WaitOptions, WaitStatus, wait};
use std::time::Instant;

impl Supervisor {
    /// Reaps all children that have ended.
    pub(super) fn reap(&mut self) {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if status.stopped() => self.stopped(pid.as_raw_nonzero().get(), status),
                Ok(Some((pid, status))) => self.reaped(pid.as_raw_nonzero().get(), End::new(code(status))),
                Err(Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => {
                    self.childless = true;
                    break;
                }
            }
        }
    }

    fn reaped(&mut self, pid: i32, end: End) {
        if self.is_helper_gone(pid) || self.is_canary_gone(pid) {
            return;
        }
        for process in self.processes.values_mut() {
            if process.builder == Some(pid) {
                process.builder = None;
                return;
            }
            if process.pid == pid && process.is_alive() {
                process.end = Some(end);
                process.end_the_rest();
                return;
            }
        }
        self.early_ends.push((pid, end));
    }

    /// Does for every process what is due after what has happened.
    pub(super) fn settle(&mut self) {
        let due = |process: &Supervised| process.end.is_some() || process.is_hidden();
        let keys: Vec<u32> = self.processes.iter().filter(|(_, process)| due(process)).map(|(key, _)| *key).collect();
        for key in keys {
            self.settle_one(key);
        }
        if !self.processes.values().any(|process| process.pid == 0 && process.channel.is_some()) {
            self.early_ends.clear();
        }
        self.settle_memory();
        self.settle_stop();
    }

    fn settle_one(&mut self, key: u32) {
        // Whatever its builder has said comes before its end.
        self.read_channel(key);
        let Some(process) = self.processes.get_mut(&key) else { return };
        match &process.stage {
            Stage::Leaving if !process.streams.has_clients() => drop(self.processes.remove(&key)),
            Stage::Doomed(verdict) if !process.is_alive() => {
                let verdict = verdict.clone();
                self.conclude(key, verdict);
            }
            Stage::Leaving | Stage::Doomed(_) | Stage::Exited(_) => {}
            Stage::Building | Stage::Created | Stage::Starting | Stage::Running { .. } => {
                let complete = process.channel.is_none() && process.streams.ended();
                if let Some(end) = process.end
                    && (complete || Instant::now() >= end.deadline)
                {
                    self.channel_closed(key);
                    self.exited(key, end);
                }
            }
        }
    }

    /// Tells everybody that a process has ended.
    fn exited(&mut self, key: u32, end: End) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        process.streams.finish(&mut self.scratch);
        let started_at = if let Stage::Running { started_at } = process.stage { started_at } else { 0 };
        // An exec's group is its container's, where another process may have been the one that was killed.
        let group = process.cgroup.as_deref().filter(|_| process.container.is_none());
        let oom_killed = process.out_of_memory || group.is_some_and(|group| cgroup::oom_killed(group).unwrap_or(false));
        let (code, finished_at) = (end.code, end.finished_at);
        process.stage = Stage::Exited(Status::Exited { started_at, finished_at, code, oom_killed });
        (process.end, process.pidfd) = (None, None);
        let Some(state) = process.state() else { return };
        let is_host_init = process.id == WORKSTATION;
        let id = process.id.clone();
        let is_left_over = state.container.as_deref().is_some_and(|container| self.find(container).is_none());
        self.end_helpers(Some(&id));
        self.engines.announce(Event::Exited(state));
        if is_left_over && let Some(process) = self.processes.get_mut(&key) {
            // Its container was forgotten, and its execs with it.
            process.stage = Stage::Leaving;
        }
        if is_host_init {
            self.stop(None);
        }
    }

    /// Makes a process go, whatever stage it is in.
    pub(super) fn doom(&mut self, key: u32, verdict: Verdict) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        process.stage = Stage::Doomed(verdict);
        if let Some(pidfd) = &process.pidfd
            && let Err(failure) = signal::send(pidfd, Signal::KILL, &process.id)
        {
            complain(format_args!("{}", failure.message));
        }
    }

    /// Removes the last of a process that had to go, and says so.
    fn conclude(&mut self, key: u32, verdict: Verdict) {
        let Some(process) = self.processes.remove(&key) else { return };
        let removed = process.cgroup.as_deref().map_or(Ok(()), cgroup::remove);
        let answer = match (verdict, removed) {
            (Verdict::Failed(failure), _) | (Verdict::Forgotten, Err(failure)) => Reply::Failed(failure),
            (Verdict::Forgotten, Ok(())) => Reply::Done,
        };
        if let Some(caller) = process.caller {
            self.engines.reply(caller, answer, Vec::new());
        }
    }
}

/// The exit code as a shell has it.
fn code(status: WaitStatus) -> i32 {
    let signalled = || status.terminating_signal().map(|signal| 128 + signal);
    status.exit_status().or_else(signalled).unwrap_or(255)
}
