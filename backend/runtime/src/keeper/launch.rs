//! New processes, as engines ask for them.

use super::engines::Caller;
use super::log::Log;
use super::protocol::{Create, Exec, Join, WORKSTATION};
use super::requests::{Answer, conflict};
use super::streams::ProcessStreams;
use super::supervised::{Stage, Supervised};
use super::supervisor::{RunningHost, Supervisor};
use crate::failure::{Doing, Result, invalid};
use crate::process::{Io, NewContainer, NewExec, fork_container, fork_exec};
use oci_spec::runtime::{LinuxNamespaceType, Spec};
use rustix::net::SendFlags;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Most processes known at once: their states must fit into one packet.
const MOST_PROCESSES: usize = 400;
/// Longest `config.json`, in bytes.
const LONGEST_SPEC: u64 = 1024 * 1024;
/// Longest ring, in bytes.
const LONGEST_RING: usize = 1024 * 1024;

impl Supervisor {
    pub(super) fn create(&mut self, caller: Caller, create: Create) -> Result<Answer> {
        self.check_new(&create.id)?;
        let spec = load(&create.bundle)?;
        let terminal = spec.process().as_ref().and_then(oci_spec::runtime::Process::terminal).unwrap_or(false);
        let log = create.log.map(Log::open).transpose()?;
        let join = create.join.iter().map(|join| self.joined(join)).collect::<Result<Vec<_>>>()?;
        let host = self.running_host_or_conflict()?;
        let container = NewContainer {
            id: &create.id,
            spec: &spec,
            rootfs: &create.rootfs,
            binds: &create.binds,
            io: create.io,
            join: &join,
        };
        let building = fork_container(&container, &host.namespaces)?;
        let own_pids = has_own_pids(&spec);
        let cgroup = format!("{}/{}", self.cgroup, create.id);
        let mut process = self.supervise(create.id, terminal, create.io, log, 0);
        process.bundle = Some(create.bundle);
        process.own_pids = own_pids;
        process.cgroup = Some(cgroup);
        process.caller = Some(caller);
        self.follow(process, building)?;
        Ok(Answer::Later)
    }

    pub(super) fn start(&mut self, caller: Caller, id: &str) -> Result<Answer> {
        let (_, process) = self.known(id)?;
        let channel = process.channel.as_ref().filter(|_| matches!(process.stage, Stage::Created));
        let Some(channel) = channel else {
            return Err(conflict(format!("{id} can't be started: it was started before, or has ended")));
        };
        rustix::net::send(channel, b"s", SendFlags::NOSIGNAL).doing(|| format!("starting {id}"))?;
        process.caller = Some(caller);
        process.stage = Stage::Starting;
        Ok(Answer::Later)
    }

    pub(super) fn exec(&mut self, caller: Caller, exec: Exec) -> Result<Answer> {
        self.check_new(&exec.id)?;
        let terminal = exec.process.terminal().unwrap_or(false);
        if exec.ring > LONGEST_RING || exec.ring > 0 && !terminal {
            let what = "only a terminal's output can be kept for replay";
            return Err(invalid(format!("{what}, {LONGEST_RING} bytes at most: {} asks for {}", exec.id, exec.ring)));
        }
        let (_, container) = self.known(&exec.container)?;
        let (init, is_running) = (container.pid, matches!(container.stage, Stage::Running { .. }));
        // Once its init is reaped, the pid may be anybody's.
        if !is_running || container.end.is_some() || container.container.is_some() {
            return Err(conflict(format!("container {} is not running", exec.container)));
        }
        let loaded = container.bundle.as_deref().map(load).transpose()?;
        let mut process = self.supervise(exec.id, terminal, exec.io, None, exec.ring);
        if let Some(wants) = exec.attach {
            let attached = process.streams.attach(wants, false).doing(|| format!("attaching to {}", process.id));
            process.stream = Some(attached?.0);
        }
        let host = self.running_host_or_conflict()?;
        let spec = loaded.as_ref().unwrap_or(&self.config.spec);
        let cgroup = format!("{}/{}", self.cgroup, exec.container);
        let new = NewExec { init, cgroup: &cgroup, process: &exec.process, spec, io: exec.io };
        let building = fork_exec(&new, &host.namespaces)?;
        process.container = Some(exec.container);
        process.caller = Some(caller);
        self.follow(process, building)?;
        Ok(Answer::Later)
    }

    /// The container whose namespace is joined, by a descriptor: its pid may be anybody's by the time that it is used.
    fn joined(&mut self, join: &Join) -> Result<(LinuxNamespaceType, OwnedFd)> {
        let (_, container) = self.known(&join.container)?;
        let is_running = matches!(container.stage, Stage::Running { .. }) && container.container.is_none();
        match &container.pidfd {
            Some(pidfd) if is_running && container.end.is_none() => {
                let pidfd = pidfd.try_clone().doing(|| format!("referring to {}", join.container))?;
                Ok((join.kind, pidfd))
            }
            _ => Err(conflict(format!("container {} is not running", join.container))),
        }
    }

    /// A process that is going to be built.
    pub(super) fn supervise(
        &mut self,
        id: String,
        terminal: bool,
        io: Io,
        log: Option<Log>,
        ring: usize,
    ) -> Supervised {
        let key = self.next_key;
        self.next_key = key.wrapping_add(1);
        Supervised {
            key,
            id,
            container: None,
            bundle: None,
            own_pids: true,
            cgroup: None,
            stage: Stage::Building,
            builder: None,
            channel: None,
            caller: None,
            stream: None,
            pid: 0,
            pidfd: None,
            streams: ProcessStreams::new(key, &self.poller, terminal, io, log, ring),
            size: None,
            end: None,
            out_of_memory: false,
        }
    }

    pub(super) fn running_host_or_conflict(&self) -> Result<&RunningHost> {
        self.host.as_ref().ok_or_else(|| conflict(format!("host {} is not ready yet", self.config.id)))
    }

    fn check_new(&mut self, id: &str) -> Result<()> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(1..=64).contains(&id.len()) || !id.bytes().all(plain) {
            return Err(invalid(format!("{id:?} is not an id: those have 1 to 64 letters, digits, - and _")));
        }
        if self.find(id).is_some() || self.is_doomed(id) || id == WORKSTATION {
            return Err(conflict(format!("there is a process {id} already")));
        }
        if self.processes.len() >= MOST_PROCESSES {
            return Err(conflict(format!("there are {MOST_PROCESSES} processes already: forget some that have ended")));
        }
        Ok(())
    }
}

/// Whether it has a pid namespace of its own: then the kernel ends all its processes with the first one.
fn has_own_pids(spec: &Spec) -> bool {
    let listed = spec.linux().as_ref().and_then(|linux| linux.namespaces().as_deref()).unwrap_or_default();
    listed.iter().any(|namespace| namespace.typ() == LinuxNamespaceType::Pid)
}

fn load(bundle: &Path) -> Result<Spec> {
    let path = bundle.join("config.json");
    let mut text = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(LONGEST_SPEC + 1).read_to_end(&mut text));
    read.doing(|| format!("reading {}", path.display()))?;
    if text.len() as u64 > LONGEST_SPEC {
        return Err(invalid(format!("{} is longer than {LONGEST_SPEC} bytes", path.display())));
    }
    serde_json::from_slice(&text).map_err(|error| invalid(format!("{} is not an OCI spec: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::keeper::hello::{FileKind, Hello};
    use crate::keeper::protocol::{Message, Numbered, ProcessState, Reply, Status};

    #[test]
    fn the_states_of_as_many_processes_as_there_may_be_fit_into_a_packet() {
        let id = "x".repeat(64);
        let status =
            Status::Exited { started_at: i64::MAX, finished_at: i64::MAX, code: -1_000_000, oom_killed: false };
        let state = ProcessState { id: id.clone(), container: Some(id), pid: i32::MAX, status };
        let processes = vec![state; MOST_PROCESSES + 1];
        let hello = Reply::Hello(Hello {
            pid: i32::MAX,
            init: i32::MAX,
            version: u32::MAX,
            processes,
            files: vec![FileKind::NetworkNamespace; crate::wire::MAX_FDS],
            disk: false,
            router: false,
        });
        crate::wire::encode(&Message::Reply(Numbered { seq: u64::MAX, body: hello })).unwrap();
    }
}
