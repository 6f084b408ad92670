//! What every builder has in common: how it is forked, what it inherits, how it reports.

use super::streams::{self, Inner};
use super::{BuildMessage, Building, Io};
use crate::failure::{Doing, Result};
use crate::{cgroup, sys, wire};
use oci_spec::runtime::Process;
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{
    DumpableBehavior, Signal, getpid, getppid, set_dumpable_behavior, set_parent_process_death_signal,
};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// The builder's end of [`Building::channel`], which its children inherit.
#[derive(Debug)]
pub(crate) struct Channel(OwnedFd);

/// A process as its maker reports it.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) pid: i32,
    pub(crate) pidfd: OwnedFd,
    pub(crate) terminal: Option<OwnedFd>,
    pub(crate) network_namespace: Option<OwnedFd>,
    pub(crate) engine_socket: Option<OwnedFd>,
}

impl Channel {
    pub(crate) fn ready(&self, ready: &Ready) -> Result<()> {
        let message = BuildMessage::Ready {
            pid: ready.pid,
            terminal: ready.terminal.is_some(),
            network_namespace: ready.network_namespace.is_some(),
            engine_socket: ready.engine_socket.is_some(),
        };
        let optional = [&ready.terminal, &ready.network_namespace, &ready.engine_socket];
        let fds: Vec<_> =
            std::iter::once(&ready.pidfd).chain(optional.into_iter().flatten()).map(AsFd::as_fd).collect();
        wire::send(&self.0, &message, &fds).doing(|| "reporting to the keeper".into())
    }

    /// Runs a part of the building; reports if it fails. Nobody is left to be told if the keeper has gone.
    pub(crate) fn report(&self, part: impl FnOnce() -> Result<()>) {
        if let Err(failure) = part() {
            drop(wire::send(&self.0, &BuildMessage::Failed(failure), &[]));
        }
    }

    /// Waits for the byte that lets the process go on; `false` if the keeper has gone instead.
    pub(crate) fn wait_for_start(&self) -> bool {
        rustix::io::retry_on_intr(|| rustix::io::read(&self.0, &mut [0])) == Ok(1)
    }
}

/// Runs `body` in a cgroup: in this process, or in a child of its own, whose failure is reported like that of this one.
pub(crate) fn in_cgroup(path: &str, channel: &Channel, body: impl FnOnce() -> Result<()>) -> Result<()> {
    let inside = || cgroup::enter(path).and_then(|()| body());
    let Some(directory) = cgroup::to_fork_into(path)? else { return inside() };
    let child = sys::fork_into(directory, || channel.report(|| die_with_parent().and_then(|()| inside())));
    sys::wait_for(child.doing(|| format!("forking into the cgroup {path}"))?);
    Ok(())
}

/// Held by the process that is being built, until there is nothing left that could fail, or it has ended.
#[derive(Debug)]
pub(crate) struct Unfinished(OwnedFd);

impl Unfinished {
    pub(crate) fn done(self) {
        // Nobody reads it if the builder has been killed, which changes nothing for the process.
        let _ = rustix::io::write(&self.0, b"x");
    }
}

/// Forks with `fork`, and waits until the process that comes of it can be left to the keeper. One that failed has been reaped instead.
pub(crate) fn supervise(fork: impl FnOnce(Unfinished) -> Result<()>) -> Result<()> {
    let step = || "watching over a new process".to_owned();
    let (watch, unfinished) = pipe_with(PipeFlags::CLOEXEC).doing(step)?;
    fork(Unfinished(unfinished))?;
    if rustix::io::retry_on_intr(|| rustix::io::read(&watch, &mut [0])).doing(step)? == 0 {
        while nix::sys::wait::wait() != Err(nix::errno::Errno::ECHILD) {}
    }
    Ok(())
}

/// For a builder of what has no standard streams.
pub(crate) fn no_streams() -> streams::Outer {
    streams::Outer::default()
}

/// Pipes for a process that will have no terminal.
pub(crate) fn streams(process: &Process, io: Io, id_base: u32) -> Result<(Option<Inner>, streams::Outer)> {
    if process.terminal() == Some(true) {
        return Ok((None, streams::Outer::default()));
    }
    let (inner, outer) = streams::open(io, process, id_base)?;
    Ok((Some(inner), outer))
}

/// Forks a builder that runs `body`, with the file descriptors in `keep` and no others.
pub(crate) fn fork_builder(
    outer: streams::Outer,
    keep: &[BorrowedFd],
    body: impl FnOnce(&Channel) -> Result<()>,
) -> Result<Building> {
    fork_with(|child| sys::fork(child), outer, keep, body)
}

/// Forks a builder into a cgroup that is there.
pub(crate) fn fork_builder_into(
    cgroup: &str,
    outer: streams::Outer,
    keep: &[BorrowedFd],
    body: impl FnOnce(&Channel) -> Result<()>,
) -> Result<Building> {
    let body = |channel: &Channel| cgroup::enter(cgroup).and_then(|()| body(channel));
    match cgroup::to_fork_into(cgroup)? {
        Some(directory) => fork_with(|child| sys::fork_into(directory, child), outer, keep, body),
        None => fork_builder(outer, keep, body),
    }
}

fn fork_with(
    fork: impl FnOnce(&mut dyn FnMut()) -> std::io::Result<i32>,
    outer: streams::Outer,
    keep: &[BorrowedFd],
    body: impl FnOnce(&Channel) -> Result<()>,
) -> Result<Building> {
    let step = || "forking a builder".to_owned();
    let (ours, theirs) = wire::pair().doing(step)?;
    let keeper = getpid();
    let channel = Channel(theirs);
    let mut body = Some(body);
    let builder = fork(&mut || {
        channel.report(|| {
            // What else the keeper has open belongs to other processes: their ends must not be held open here.
            let mut keep = keep.to_vec();
            keep.push(channel.0.as_fd());
            sys::close_all_but(&keep).doing(|| "closing what the keeper has open".into())?;
            set_dumpable_behavior(DumpableBehavior::NotDumpable).doing(|| "hiding from debuggers".into())?;
            sys::set_command_line("init").doing(|| "changing the command line".into())?;
            die_with_parent()?;
            if getppid() != Some(keeper) {
                sys::exit(1);
            }
            body.take().map_or(Ok(()), |body| body(&channel))
        });
    })
    .doing(step)?;
    let streams::Outer { stdin, stdout, stderr } = outer;
    Ok(Building { builder, channel: ours, stdin, stdout, stderr })
}

/// The kernel kills the caller when its parent ends. A change of ids undoes that.
pub(crate) fn die_with_parent() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).doing(|| "asking to end with the parent".into())
}

/// What is to be done once, as the machine's root, by a builder for the process that it builds.
pub(crate) fn prepare_process(process: &Process) -> Result<()> {
    sys::new_session_keyring().doing(|| "leaving the session keyring".into())?;
    adjust_oom_score(process.oom_score_adj().unwrap_or(0))?;
    super::rlimits::make_room(process)
}

/// How readily the kernel ends the caller when memory runs out, from -1000 (never) to 1000. Done by the machine's root also for
/// what asks for nothing: otherwise it has, and may go back to, what the keeper has.
pub(crate) fn adjust_oom_score(adjustment: i32) -> Result<()> {
    std::fs::write("/proc/self/oom_score_adj", adjustment.to_string())
        .doing(|| format!("setting oom_score_adj to {adjustment}"))
}
