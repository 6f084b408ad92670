//! A container: builder, stage, init.

use super::confine::{Stdio, confine_and_exec};
use super::launch::{self, Channel, Ready, Unfinished};
use super::machine::MachineProc;
use super::namespaces::Namespaces;
use super::root::{Root, assemble};
use super::streams::Inner;
use super::{Building, Host, NewContainer, binds, check, console, inside};
use crate::cgroup::{self, Limits};
use crate::failure::{Doing, Failure, Result, invalid};
use crate::seccomp::Filter;
use crate::sys;
use nix::sched::CloneFlags;
use oci_spec::runtime::Process;
use std::os::fd::AsFd;

/// Starts to build a container. Its cgroup, `<host's cgroup>/<id>`, is the caller's to remove, also after a failure.
///
/// # Errors
/// If the spec asks for what can't be, or the system can't fork. Whatever fails later comes through the channel.
pub fn fork_container(new: &NewContainer, host: &Host) -> std::result::Result<Building, Failure> {
    let process = new.spec.process().as_ref().ok_or_else(|| invalid("the spec has no process"))?;
    check::spec(new.spec)?;
    check::process(process)?;
    let plan = Plan {
        new,
        host,
        process,
        namespaces: Namespaces::of(new.spec, new.join)?,
        filter: Filter::of(new.spec)?,
        limits: check::limits(new.spec)?,
        cgroup: format!("{}/{}", host.cgroup, new.id),
    };
    let (inner, outer) = launch::streams(process, new.io, host.id_base)?;
    let mut keep = vec![host.user_namespace.as_fd(), host.pid_namespace.as_fd()];
    keep.extend(inner.iter().flat_map(Inner::fds));
    keep.extend(new.join.iter().map(|(_, pidfd)| pidfd.as_fd()));
    launch::fork_builder(outer, &keep, |channel| plan.build(channel, inner.as_ref()))
}

struct Plan<'a> {
    new: &'a NewContainer<'a>,
    host: &'a Host,
    process: &'a Process,
    namespaces: Namespaces<'a>,
    filter: Filter,
    limits: Limits,
    cgroup: String,
}

impl Plan<'_> {
    /// The builder. First as the machine's root, then as the host's.
    fn build(&self, channel: &Channel, streams: Option<&Inner>) -> Result<()> {
        cgroup::create(&self.cgroup, &self.limits)?;
        launch::in_cgroup(&self.cgroup, channel, || self.build_inside(channel, streams))
    }

    fn build_inside(&self, channel: &Channel, streams: Option<&Inner>) -> Result<()> {
        launch::prepare_process(self.process)?;
        let shm = self.namespaces.shared_memory(self.host)?;
        let cgroup = self.namespaces.new.contains(CloneFlags::CLONE_NEWCGROUP).then_some(&*self.cgroup);
        let Host { id_base, user_namespace, .. } = self.host;
        let root = Root::prepare(self.new.spec, self.new.rootfs, shm, *id_base, user_namespace, cgroup)?
            .with(binds::prepare(self.new.binds, self.host)?);
        let machine = MachineProc::open()?;
        self.namespaces.enter(self.host)?;
        launch::die_with_parent()?;
        launch::supervise(|unfinished| {
            let parts = Parts { channel, streams, machine, root, unfinished };
            // A pid namespace that was joined holds for children only, and only from within it can the next one be made.
            let stage = sys::fork(|| channel.report(|| self.stage(parts))).doing(|| "forking".into())?;
            sys::wait_for(stage);
            Ok(())
        })
    }

    fn stage(&self, parts: Parts) -> Result<()> {
        let channel = parts.channel;
        sys::clone_sibling(self.namespaces.new.bits(), || channel.report(|| self.init(parts)))
            .doing(|| "making the container's namespaces".into())
    }

    fn init(&self, parts: Parts) -> Result<()> {
        let Parts { channel, streams, machine, root, unfinished } = parts;
        let pid = machine.own_pid()?;
        let terminal = assemble(root, self.new.spec, Some(self.process))?;
        let network_namespace = match self.namespaces.new.contains(CloneFlags::CLONE_NEWNET) {
            true => Some(inside::network()?),
            false => None,
        };
        inside::name(self.new.spec, self.namespaces.new)?;
        let (master, slave) = terminal.map(|console::Terminal { master, slave }| (master, slave)).unzip();
        let pidfd = inside::own_pidfd()?;
        // Before anyone is told of the process: from now on its end is the keeper's to hear of.
        unfinished.done();
        channel.ready(&Ready { pid, pidfd, terminal: master, network_namespace, engine_socket: None })?;
        if !channel.wait_for_start() {
            return Ok(());
        }
        Err(confine_and_exec(self.process, &self.filter, &Stdio::of(slave.as_ref(), streams)?))
    }
}

/// What the builder leaves to init.
struct Parts<'a> {
    channel: &'a Channel,
    streams: Option<&'a Inner>,
    machine: MachineProc,
    root: Root,
    unfinished: Unfinished,
}
