//! One more process in a container.

use super::confine::{Stdio, confine_and_exec};
use super::console::{self, Terminal};
use super::launch::{self, Channel, Ready, Unfinished};
use super::machine::MachineProc;
use super::namespaces::{become_root, pidfd};
use super::streams::Inner;
use super::{Building, Host, NewExec, check, inside};
use crate::failure::{Doing, Failure, Result};
use crate::seccomp::Filter;
use crate::sys;
use nix::sched::{CloneFlags, setns};
use rustix::fs::{CWD, Mode, OFlags, openat};

/// Starts to build a process in the namespaces and the cgroup of a container's init, confined by the container's spec.
/// It goes on to `execve` by itself.
///
/// # Errors
/// If the process asks for what can't be, or the system can't fork. Whatever fails later comes through the channel.
pub fn fork_exec(new: &NewExec, host: &Host) -> std::result::Result<Building, Failure> {
    check::process(new.process)?;
    let filter = Filter::of(new.spec)?;
    let (inner, outer) = launch::streams(new.process, new.io, host.id_base)?;
    let keep: Vec<_> = inner.iter().flat_map(Inner::fds).collect();
    launch::fork_builder_into(new.cgroup, outer, &keep, |channel| build(new, &filter, channel, inner.as_ref()))
}

fn build(new: &NewExec, filter: &Filter, channel: &Channel, streams: Option<&Inner>) -> Result<()> {
    launch::prepare_process(new.process)?;
    let machine = MachineProc::open()?;
    let all = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWCGROUP;
    setns(pidfd(new.init)?, all).doing(|| "joining the namespaces of the container (has it ended?)".into())?;
    become_root()?;
    launch::die_with_parent()?;
    launch::supervise(|unfinished| {
        let parts = Parts { channel, streams, machine, unfinished };
        // The pid namespace holds for children only.
        sys::fork(|| channel.report(|| run(new, filter, parts))).map(drop).doing(|| "forking".into())
    })
}

/// What the builder leaves to the process.
struct Parts<'a> {
    channel: &'a Channel,
    streams: Option<&'a Inner>,
    machine: MachineProc,
    unfinished: Unfinished,
}

fn run(new: &NewExec, filter: &Filter, parts: Parts) -> Result<()> {
    let Parts { channel, streams, machine, unfinished } = parts;
    let terminal = match new.process.terminal() {
        Some(true) => {
            let root = openat(CWD, c"/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .doing(|| "opening the container's root".into())?;
            Some(console::open(root, new.process)?)
        }
        _ => None,
    };
    let (master, slave) = terminal.map(|Terminal { master, slave }| (master, slave)).unzip();
    // Before anyone is told of the process: from now on its end is the keeper's to hear of.
    unfinished.done();
    channel.ready(&Ready {
        pid: machine.own_pid()?,
        pidfd: inside::own_pidfd()?,
        terminal: master,
        network_namespace: None,
        engine_socket: None,
    })?;
    Err(confine_and_exec(new.process, filter, &Stdio::of(slave.as_ref(), streams)?))
}
