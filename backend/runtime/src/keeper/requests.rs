//! What engines ask for.

use super::engines::Caller;
use super::hello::{FileKind, Hello};
use super::protocol::{Attach, Reply, Request, Streams, WORKSTATION};
use super::supervised::{Stage, Supervised, Verdict, set_size};
use super::supervisor::Supervisor;
use super::{VERSION, signal};
use crate::cgroup;
use crate::failure::{Doing, Failure, FailureKind, Result, invalid};
use std::os::fd::OwnedFd;

/// When a request is answered.
pub(super) enum Answer {
    Now(Reply, Vec<OwnedFd>),
    /// Once it is done: the process remembers who asked.
    Later,
}

impl Supervisor {
    /// Does what an engine asks for, and answers at once or when it is done.
    pub(super) fn request(&mut self, caller: Caller, request: Request) {
        let answer = match request {
            Request::Hello => return self.hello(caller),
            Request::Shutdown => return self.shut_down(caller),
            _ if self.stopping.is_some() => Err(conflict(format!("host {} is ending", self.config.id))),
            Request::Create(create) => self.create(caller, *create),
            Request::Start { id } => self.start(caller, &id),
            Request::Exec(exec) => self.exec(caller, *exec),
            Request::Attach(attach) => self.attach(&attach),
            Request::Resize { id, rows, cols } => self.resize(&id, rows, cols),
            Request::Terminal { id } => self.terminal(&id),
            Request::Signal { id, signal, all } => self.signal(&id, signal, all),
            Request::Files(files) => self.files(&files),
            Request::Forget { id } => self.forget(caller, &id),
        };
        match answer {
            Ok(Answer::Now(reply, fds)) => self.engines.reply(caller, reply, fds),
            Ok(Answer::Later) => {}
            Err(failure) => self.engines.reply(caller, Reply::Failed(failure), Vec::new()),
        }
    }

    /// Says what there is; waits for host init if it isn't there yet.
    pub(super) fn hello(&mut self, caller: Caller) {
        let Some(host) = &self.host else {
            return if self.stopping.is_some() { self.explain(caller) } else { self.greetings.push(caller) };
        };
        let files = [
            (FileKind::UserNamespace, Some(&host.namespaces.user_namespace)),
            (FileKind::NetworkNamespace, Some(&host.network_namespace)),
            (FileKind::EngineSocket, host.engine_socket.as_ref()),
            (FileKind::Disk, self.disk.as_ref()),
            (FileKind::Router, self.router.as_ref()),
        ];
        let files = files.into_iter().filter_map(|(kind, file)| Some((kind, file?)));
        let (files, fds): (Vec<_>, Vec<_>) = files.map(|(kind, file)| (kind, file.try_clone())).unzip();
        let fds: std::io::Result<Vec<OwnedFd>> = fds.into_iter().collect();
        match fds.doing(|| format!("handing out the namespaces of host {}", self.config.id)) {
            Err(failure) => self.engines.reply(caller, Reply::Failed(failure), Vec::new()),
            Ok(fds) => {
                let processes = self.processes.values().filter_map(Supervised::state).collect();
                let pid = rustix::process::getpid().as_raw_nonzero().get();
                let (init, version) = (host.namespaces.init, VERSION);
                let (disk, router) = (self.disk.is_some(), self.router.is_some());
                let reply = Reply::Hello(Hello { pid, init, version, processes, files, disk, router });
                self.engines.reply(caller, reply, fds);
            }
        }
    }

    /// The process of that id, which can be asked for.
    pub(super) fn known(&mut self, id: &str) -> Result<(u32, &mut Supervised)> {
        let unknown = || Failure { kind: FailureKind::NotFound, message: format!("there is no process {id}") };
        self.find(id).ok_or_else(unknown)
    }

    fn shut_down(&mut self, caller: Caller) {
        self.stop(None);
        match &mut self.stopping {
            Some(stopping) if !stopping.is_cleaned() => stopping.callers.push(caller),
            _ => self.engines.reply(caller, Reply::Done, Vec::new()),
        }
    }

    fn attach(&mut self, attach: &Attach) -> Result<Answer> {
        let (_, process) = self.known(&attach.id)?;
        let wants = Streams { stdin: attach.stdin, stdout: attach.stdout, stderr: attach.stderr };
        let (stream, replayed) =
            process.streams.attach(wants, attach.replay).doing(|| format!("attaching to {}", attach.id))?;
        Ok(Answer::Now(Reply::Attached { replayed }, vec![stream]))
    }

    fn resize(&mut self, id: &str, rows: u16, columns: u16) -> Result<Answer> {
        let (_, process) = self.known(id)?;
        if !process.streams.has_terminal() {
            // As in Docker: clients resize without asking whether there is one.
            return Ok(DONE);
        }
        process.size = Some((rows, columns));
        if let Some(master) = process.streams.master() {
            set_size(master, (rows, columns)).doing(|| format!("resizing the terminal of {id}"))?;
        }
        Ok(DONE)
    }

    fn terminal(&mut self, id: &str) -> Result<Answer> {
        let (_, process) = self.known(id)?;
        let pid = process.pid;
        let Some(master) = process.streams.master() else {
            return Err(conflict(format!("{id} has no terminal")));
        };
        let modes = rustix::termios::tcgetattr(master).doing(|| format!("reading how the terminal of {id} is set"))?;
        // An error: whoever had it has gone, and the shell hasn't taken it back yet.
        let foreground = rustix::termios::tcgetpgrp(master).map_or(0, |group| group.as_raw_nonzero().get());
        let canonical = modes.local_modes.contains(rustix::termios::LocalModes::ICANON);
        Ok(Answer::Now(Reply::Terminal { pid, foreground, canonical }, Vec::new()))
    }

    fn signal(&mut self, id: &str, number: i32, all: bool) -> Result<Answer> {
        let signal = signal::signal(number)?;
        let (_, process) = self.known(id)?;
        let Some(pidfd) = &process.pidfd else {
            return Err(conflict(format!("{id} is not running")));
        };
        match (&process.cgroup, all) {
            (_, false) => signal::send(pidfd, signal, id)?,
            (Some(cgroup), true) => signal::send_to_all(cgroup, signal)?,
            (None, true) => {
                return Err(invalid(format!("{id} has no cgroup of its own: signal its container instead")));
            }
        }
        Ok(DONE)
    }

    fn forget(&mut self, caller: Caller, id: &str) -> Result<Answer> {
        if self.is_doomed(id) {
            return Err(conflict(format!("{id} is ending: it is forgotten when it has ended")));
        }
        let (key, process) = self.known(id)?;
        match process.stage {
            Stage::Created => {
                process.caller = Some(caller);
                self.doom(key, Verdict::Forgotten);
                Ok(Answer::Later)
            }
            Stage::Exited(_) if id != WORKSTATION => {
                process.cgroup.as_deref().map_or(Ok(()), cgroup::remove)?;
                for process in self.processes.values_mut() {
                    let meant = process.id == id || process.container.as_deref() == Some(id);
                    if meant && matches!(process.stage, Stage::Exited(_)) {
                        process.stage = Stage::Leaving;
                    }
                }
                Ok(DONE)
            }
            _ => Err(conflict(format!("{id} is running: only what has ended can be forgotten"))),
        }
    }
}

const DONE: Answer = Answer::Now(Reply::Done, Vec::new());

/// Not possible in the state that something is in.
pub(super) fn conflict(message: String) -> Failure {
    Failure { kind: FailureKind::Conflict, message }
}
