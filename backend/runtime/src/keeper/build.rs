//! Processes that come to be: what their builders say.

use super::complain;
use super::poller::{Interest, Token};
use super::protocol::{Reply, WORKSTATION};
use super::supervised::{Stage, Supervised, Verdict, now, set_size};
use super::supervisor::{RunningHost, Supervisor};
use crate::failure::{Doing, Failure, FailureKind, Result};
use crate::process::{BuildMessage, Building, Host, HostInit, Io, fork_host_init, visible_pid};
use crate::{cgroup, wire};
use std::fs::File;
use std::io::ErrorKind;
use std::os::fd::OwnedFd;

impl Supervisor {
    /// Begins to build the host's first process.
    pub(super) fn build_host(&mut self) {
        let config = &self.config;
        let limits = cgroup::Limits::from(&config.limits);
        let building = cgroup::create(&self.cgroup, &limits).and_then(|()| {
            fork_host_init(&HostInit {
                id_base: config.id_base,
                cgroup: &self.cgroup,
                spec: &config.spec,
                rootfs: &config.rootfs,
                engine_socket: config.engine_socket.as_deref(),
            })
        });
        let process = self.supervise(WORKSTATION.to_owned(), false, Io::default(), None, 0);
        if let Err(failure) = building.and_then(|building| self.follow(process, building)) {
            self.stop(Some(failure));
        }
    }

    /// Follows what the builder of a process does, from now on.
    pub(super) fn follow(&mut self, mut process: Supervised, building: Building) -> Result<()> {
        let Building { builder, channel, stdin, stdout, stderr } = building;
        let step = || format!("watching the start of {}", process.id);
        let mut channel = self.poller.source(channel, Token::Channel(process.key)).doing(step)?;
        channel.watch(Interest { read: true, ..Interest::default() }).doing(step)?;
        if !process.streams.has_terminal() {
            process.streams.open_pipes([stdin, stdout, stderr]).doing(step)?;
        }
        process.channel = Some(channel);
        process.builder = Some(builder);
        self.childless = false;
        self.processes.insert(process.key, process);
        Ok(())
    }

    /// Reads what the builder of a process says, as far as it has said it.
    pub(super) fn read_channel(&mut self, key: u32) {
        while let Some(channel) = self.processes.get(&key).and_then(|process| process.channel.as_ref()) {
            match wire::receive::<BuildMessage>(channel) {
                Ok(Some((BuildMessage::Ready { pid, terminal, network_namespace, engine_socket }, fds))) => {
                    let flags = [true, terminal, network_namespace, engine_socket];
                    let mut fds = fds.into_iter();
                    let [pidfd, terminal, network, engine] = flags.map(|there| there.then(|| fds.next()).flatten());
                    self.built(key, pid, pidfd, terminal);
                    self.go_on(key, network, engine);
                }
                Ok(Some((BuildMessage::Failed(failure), _))) => self.fail(key, failure),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                end => {
                    if let Err(error) = end {
                        complain(format_args!("a builder's message can't be read: {error}"));
                    }
                    self.channel_closed(key);
                }
            }
        }
    }

    /// Takes note of a process that is there now.
    fn built(&mut self, key: u32, pid: i32, pidfd: Option<OwnedFd>, terminal: Option<OwnedFd>) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        (process.pid, process.pidfd) = (pid, pidfd);
        if let Some(index) = self.early_ends.iter().position(|(early, _)| *early == pid) {
            process.end = Some(self.early_ends.swap_remove(index).1);
        }
        let Some(master) = terminal else { return };
        let sized = process.size.map_or(Ok(()), |size| set_size(&master, size)).map_err(std::io::Error::from);
        if let Err(error) = sized.and_then(|()| process.streams.open_terminal(master)) {
            complain(format_args!("the terminal of {} can't be used: {error}", process.id));
        }
    }

    /// What follows once a process is built.
    fn go_on(&mut self, key: u32, network_namespace: Option<OwnedFd>, engine_socket: Option<OwnedFd>) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        if !matches!(process.stage, Stage::Building) {
            return;
        }
        if process.id == WORKSTATION {
            process.stage = Stage::Running { started_at: now() };
            let pid = process.pid;
            match self.running_host(pid, network_namespace, engine_socket) {
                Ok(host) => {
                    self.host = Some(host);
                    self.canary.host_begins();
                    for caller in std::mem::take(&mut self.greetings) {
                        self.hello(caller);
                    }
                }
                Err(failure) => self.stop(Some(failure)),
            }
        } else if process.container.is_some() {
            process.stage = Stage::Starting;
        } else if process.caller.is_some_and(|caller| self.engines.is_connected(caller)) {
            process.stage = Stage::Created;
            if let Some(caller) = process.caller.take() {
                self.engines.reply(
                    caller,
                    Reply::Created { pid: process.pid },
                    network_namespace.into_iter().collect(),
                );
            }
        } else {
            // Who wanted it is gone, and who comes next wouldn't know of it.
            self.doom(key, Verdict::Forgotten);
        }
    }

    fn running_host(&self, init: i32, network: Option<OwnedFd>, engine_socket: Option<OwnedFd>) -> Result<RunningHost> {
        let namespace = |name: &str| -> Result<OwnedFd> {
            let path = format!("/proc/{init}/ns/{name}");
            Ok(File::open(&path).doing(|| format!("opening {path}"))?.into())
        };
        let namespaces = Host {
            id_base: self.config.id_base,
            user_namespace: namespace("user")?,
            pid_namespace: namespace("pid")?,
            init,
            cgroup: self.cgroup.clone(),
        };
        let network_namespace = network.map_or_else(|| namespace("net"), Ok)?;
        Ok(RunningHost { namespaces, network_namespace, engine_socket })
    }

    /// It won't be: says so once nothing of it is left.
    fn fail(&mut self, key: u32, failure: Failure) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        let is_host_init = process.id == WORKSTATION;
        self.doom(key, Verdict::Failed(failure.clone()));
        if is_host_init {
            self.stop(Some(failure));
        }
    }

    /// The builder and what it has built hold the channel no more: `execve` was reached, or nothing ever will be.
    pub(super) fn channel_closed(&mut self, key: u32) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        process.channel = None;
        match process.stage {
            Stage::Building => {
                let message = format!("building {} ended without a word; is the machine out of memory?", process.id);
                self.fail(key, Failure { kind: FailureKind::System, message });
            }
            Stage::Starting => {
                process.stage = Stage::Running { started_at: now() };
                let stream = process.stream.take();
                if let Some(caller) = process.caller.take() {
                    // An exec isn't reaped yet, even if it has ended.
                    let visible_pid = process.container.as_ref().map_or(0, |_| visible_pid(process.pid));
                    let started = Reply::Started { pid: process.pid, visible_pid };
                    self.engines.reply(caller, started, stream.into_iter().collect());
                }
            }
            _ => {}
        }
    }
}
