//! `docker exec`: one more process in a running container.

mod spec;

pub use spec::{ExecSpec, ExecState};

use super::attach::{self, Attached, PendingStream};
use super::failed::{exec_words, exit_code};
use super::log::{self, Replay};
use super::start::failed;
use super::{Container, rootfs};
use crate::host::VirtualHost;
use crate::id::ContainerId;
use crate::time::now;
use crate::{Error, Result};
use oci_spec::runtime::Process;
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::protocol::{self, Exec, ProcessState, Reply, Request};
use runtime::process::Io;
use std::sync::atomic::{AtomicI32, Ordering};
use tokio::sync::{oneshot, watch};

/// How many execs one host remembers; Docker forgets finished ones after five minutes.
const MOST: usize = 1024;

/// An exec as the engine keeps it.
#[derive(Debug)]
pub(crate) struct ExecEntry {
    container: ContainerId,
    spec: ExecSpec,
    created: i64,
    phase: watch::Sender<Phase>,
    /// As the virtual host sees it; 0 before the start, and kept after the end.
    pid: AtomicI32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Created,
    Starting,
    Running,
    Exited(i32),
}

impl VirtualHost {
    /// Notes an exec; it runs with [`VirtualHost::start_exec`]. Errors: no such container, not running, no command.
    pub async fn create_exec(&self, container: &str, spec: ExecSpec) -> Result<String> {
        let entry = self.entry(container)?;
        if entry.is_restarting() {
            let message = format!("Container {} is restarting, wait until the container is running", entry.id);
            return Err(Error::conflict(message));
        }
        if !entry.is_running() {
            return Err(Error::conflict(format!("container {} is not running", entry.id)));
        }
        if entry.record().state.paused {
            return Err(is_paused(container));
        }
        if spec.cmd.is_empty() {
            return Err(Error::invalid("No exec command specified"));
        }
        self.rules().policy.check_exec(spec.privileged)?;
        // A user that isn't there is found now, as in Docker, and not when the client has its streams already.
        self.exec_process(&entry.record(), &spec)?;
        let id = crate::id::new()?;
        let command = words(&spec);
        let mut execs = self.kinds.containers.execs.lock();
        if execs.len() >= MOST {
            forget_oldest(&mut execs)?;
        }
        let phase = watch::Sender::new(Phase::Created);
        execs.insert(
            id.clone(),
            ExecEntry { container: entry.id.clone(), spec, created: now(), phase, pid: AtomicI32::new(0) },
        );
        drop(execs);
        self.exec_event(&entry.id, &id, &format!("exec_create: {command}"));
        Ok(id)
    }

    /// Runs it. Errors: no such exec, started before, its container has ended, or its command can't run.
    pub async fn start_exec(&self, id: &str, detach: bool, console_size: Option<[u16; 2]>) -> Result<Option<Attached>> {
        let (container, mut spec) = self.begin_exec(id)?;
        spec.console_size = console_size.unwrap_or(spec.console_size);
        self.exec_event(&container, id, &format!("exec_start: {}", words(&spec)));
        let failure = match self.run_exec(id, &container, &spec, detach).await {
            Ok(stream) => {
                return Ok(stream.map(|stream| Attached {
                    tty: spec.tty,
                    replay: Replay::of(Vec::new()),
                    stream: Some(stream),
                }));
            }
            Err(failure) => failure,
        };
        self.set_phase(id, Phase::Exited(exit_code(failure.kind)));
        let message = exec_words(&failure);
        if detach {
            return Err(Error { message, ..Error::from(failure) });
        }
        // As Docker: who is attached reads it where the output would be, and finds the exit code by inspecting.
        let mut replay = Vec::new();
        log::write_framed(&mut replay, spec.tty, false, format!("{message}\r\n").as_bytes());
        Ok(Some(Attached { tty: spec.tty, replay: Replay::of(replay), stream: None }))
    }

    /// Sets the terminal's size; waits for the process if it is just being started, as Docker does.
    pub async fn resize_exec(&self, id: &str, rows: u16, cols: u16) -> Result<()> {
        let mut phase = self.with_exec(id, |exec| exec.phase.subscribe())?;
        let started = phase.wait_for(|phase| matches!(phase, Phase::Running | Phase::Exited(_)));
        let running = match tokio::time::timeout(std::time::Duration::from_secs(10), started).await {
            Ok(Ok(phase)) => matches!(*phase, Phase::Running),
            _ => false,
        };
        if !running {
            return Err(Error::conflict(format!("exec {id} is not running")));
        }
        self.keeper.request(Request::Resize { id: id.to_owned(), rows, cols }).await?;
        Ok(())
    }

    /// An exec as it is. Clients ask for its exit code the moment that its output ends; the keeper knows it by then, so
    /// it is asked.
    pub async fn exec(&self, id: &str) -> Result<ExecState> {
        let state = self.exec_as_recorded(id)?;
        if !state.running {
            return Ok(state);
        }
        let (reply, _) = self.keeper.request(Request::Hello).await?;
        if let Reply::Hello(hello) = reply {
            let ended = hello.processes.iter().find(|process| process.id == id).map(|process| process.status);
            if let Some(protocol::Status::Exited { code, .. }) = ended {
                self.set_phase(id, Phase::Exited(code));
            }
        }
        self.exec_as_recorded(id)
    }

    fn exec_as_recorded(&self, id: &str) -> Result<ExecState> {
        self.with_exec(id, |exec| {
            let phase = *exec.phase.borrow();
            ExecState {
                id: id.to_owned(),
                container_id: exec.container.clone(),
                spec: exec.spec.clone(),
                running: matches!(phase, Phase::Running),
                exit_code: if let Phase::Exited(code) = phase { Some(code) } else { None },
                pid: exec.pid.load(Ordering::Relaxed),
            }
        })
    }

    fn begin_exec(&self, id: &str) -> Result<(ContainerId, ExecSpec)> {
        let container = self.with_exec(id, |exec| exec.container.clone())?;
        if self.entry(&container)?.record().state.paused {
            return Err(is_paused(&container));
        }
        let (container, spec) = self
            .with_exec(id, |exec| {
                let fresh = exec.phase.send_if_modified(|phase| {
                    let fresh = *phase == Phase::Created;
                    if fresh {
                        *phase = Phase::Starting;
                    }
                    fresh
                });
                fresh.then(|| (exec.container.clone(), exec.spec.clone()))
            })?
            .ok_or_else(|| Error::conflict(format!("exec command {id} has already run")))?;
        if !self.entry(&container)?.is_running() {
            self.set_phase(id, Phase::Exited(137));
            return Err(Error::conflict(format!("container {container} is not running")));
        }
        Ok((container, spec))
    }

    async fn run_exec(
        &self,
        id: &str,
        container: &ContainerId,
        spec: &ExecSpec,
        detach: bool,
    ) -> Result<Option<PendingStream>, Failure> {
        let record = self.entry(container).map_err(|error| failed(&error))?.record();
        let exec = Exec {
            id: id.to_owned(),
            container: container.to_string(),
            process: self.exec_process(&record, spec).map_err(|error| failed(&error))?,
            io: Io { stdin: spec.attach_stdin && !detach, stdin_once: true },
            ring: 0,
            attach: (!detach).then_some(protocol::Streams {
                stdin: spec.attach_stdin,
                stdout: spec.attach_stdout,
                stderr: spec.attach_stderr,
            }),
        };
        let (reply, fds) = self.keeper.request(Request::Exec(Box::new(exec))).await?;
        if let Reply::Started { visible_pid, .. } = reply {
            let _ = self.with_exec(id, |exec| exec.pid.store(visible_pid, Ordering::Relaxed));
            self.set_phase_unless_exited(id, Phase::Running);
        }
        if detach {
            return Ok(None);
        }
        let (connected, pending) = oneshot::channel();
        // The receiver is right here: it can't have gone.
        let _ = connected.send(attach::stream(fds)?);
        Ok(Some(PendingStream(pending)))
    }

    fn exec_process(&self, container: &Container, spec: &ExecSpec) -> Result<Process> {
        let upper = self.container_dir(&container.id).join("upper");
        let files = rootfs::Rootfs { upper, layers: self.layers_of(container)? };
        super::oci::exec_process(container, spec, &files)
    }

    /// The ids of a container's execs that run, in order.
    pub fn running_execs(&self, container: &ContainerId) -> Vec<String> {
        let execs = self.kinds.containers.execs.lock();
        let runs = |exec: &ExecEntry| exec.container == *container && matches!(*exec.phase.borrow(), Phase::Running);
        let mut ids: Vec<String> = execs.iter().filter(|(_, exec)| runs(exec)).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// Takes note that a client has left an exec by its detach keys.
    pub fn exec_detached(&self, id: &str) {
        if let Ok(container) = self.with_exec(id, |exec| exec.container.clone()) {
            self.exec_event(&container, id, "exec_detach");
        }
    }

    fn exec_event(&self, container: &ContainerId, id: &str, action: &str) {
        self.container_event_with(container, action, [("execID".to_owned(), id.to_owned())].into());
    }

    /// Records the end of an exec that the keeper tells of.
    pub(crate) async fn exec_exited(&self, process: &ProcessState) {
        let protocol::Status::Exited { code, .. } = process.status else { return };
        // A shell of the workstation is an exec, too, but nobody's here.
        if let Ok(container) = self.with_exec(&process.id, |exec| exec.container.clone()) {
            if let Ok(entry) = self.entry(&container) {
                self.look_for_oom(&entry);
            }
            let details = [("execID".to_owned(), process.id.clone()), ("exitCode".to_owned(), code.to_string())];
            self.container_event_with(&container, "exec_die", details.into());
        }
        self.set_phase(&process.id, Phase::Exited(code));
        match self.keeper.request(Request::Forget { id: process.id.clone() }).await {
            // Its container was forgotten before, and its execs with it; or the host has ended.
            Err(error) if error.kind != FailureKind::NotFound && !self.keeper.has_gone() => {
                tracing::warn!(exec = process.id, error = error.message, "the keeper doesn't forget an exec");
            }
            _ => {}
        }
    }

    /// Waits until an exec has ended; its exit code.
    pub(crate) async fn exec_ended(&self, id: &str) -> Result<i32> {
        let mut phase = self.with_exec(id, |exec| exec.phase.subscribe())?;
        let ended = phase.wait_for(|phase| matches!(phase, Phase::Exited(_))).await;
        match ended.as_deref() {
            Ok(Phase::Exited(code)) => Ok(*code),
            _ => Err(Error::not_found(format!("No such exec instance: {id}"))),
        }
    }

    /// Kills an exec, and waits a little for its end.
    pub(crate) async fn end_exec(&self, id: &str) {
        const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
        let kill = Request::Signal { id: id.to_owned(), signal: nix::libc::SIGKILL, all: false };
        // One that has ended meanwhile can't be killed, and needn't.
        let _ = self.keeper.request(kill).await;
        let _ = tokio::time::timeout(PATIENCE, self.exec_ended(id)).await;
    }

    pub(crate) fn forget_exec(&self, id: &str) {
        self.kinds.containers.execs.lock().remove(id);
    }

    pub(crate) fn forget_execs(&self, container: &ContainerId) {
        self.kinds.containers.execs.lock().retain(|_, exec| exec.container != *container);
    }

    fn set_phase(&self, id: &str, phase: Phase) {
        // An exec that is not known any more went with its container.
        let _ = self.with_exec(id, |exec| exec.phase.send_replace(phase));
    }

    /// A short process may have ended before its start was answered.
    fn set_phase_unless_exited(&self, id: &str, new: Phase) {
        let _ = self.with_exec(id, |exec| {
            exec.phase.send_if_modified(|phase| {
                let open = !matches!(phase, Phase::Exited(_));
                if open {
                    *phase = new;
                }
                open
            })
        });
    }

    fn with_exec<T>(&self, id: &str, look: impl FnOnce(&ExecEntry) -> T) -> Result<T> {
        let execs = self.kinds.containers.execs.lock();
        let exec = execs.get(id).ok_or_else(|| Error::not_found(format!("No such exec instance: {id}")))?;
        Ok(look(exec))
    }
}

fn is_paused(container: &str) -> Error {
    Error::conflict(format!("Container {container} is paused, unpause the container before exec"))
}

/// A command as events have it: with a space after its first word, even if that is the only one.
fn words(spec: &ExecSpec) -> String {
    let (first, rest) = spec.cmd.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
    format!("{first} {}", rest.join(" "))
}

fn forget_oldest(execs: &mut std::collections::HashMap<String, ExecEntry>) -> Result<()> {
    let over = |exec: &ExecEntry| matches!(*exec.phase.borrow(), Phase::Exited(_) | Phase::Created);
    let oldest = execs.iter().filter(|(_, exec)| over(exec)).min_by_key(|(_, exec)| exec.created);
    let id = oldest.map(|(id, _)| id.clone()).ok_or_else(|| {
        Error::conflict(format!("{MOST} exec commands are running on this host; end some of them first"))
    })?;
    execs.remove(&id);
    Ok(())
}
