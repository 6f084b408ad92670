//! `docker exec`: one more process in a running container.

use super::attach;
use super::log;
use super::rootfs;
use crate::host::{Attached, ExecSpec, ExecState, PendingStream, VirtualHost};
use crate::time::now;
use crate::{Error, ErrorKind, Result};
use runtime::keeper::protocol::{self, Exec, Io, ProcessState, Reply, Request};
use std::sync::PoisonError;
use tokio::sync::{oneshot, watch};

/// How many execs one host remembers; Docker forgets finished ones after five minutes.
const MOST: usize = 1024;

/// An exec as the engine keeps it.
#[derive(Debug)]
pub(crate) struct ExecEntry {
    container: String,
    spec: ExecSpec,
    created: i64,
    phase: watch::Sender<Phase>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Created,
    Starting,
    Running(i32),
    Exited(i32),
}

impl VirtualHost {
    /// Notes an exec; it runs with [`VirtualHost::start_exec`]. Errors: no such container, not running, no command.
    pub async fn create_exec(&self, container: &str, spec: ExecSpec) -> Result<String> {
        let entry = self.entry(container)?;
        if !entry.is_running() {
            return Err(Error::conflict(format!("container {} is not running", entry.id)));
        }
        if spec.cmd.is_empty() {
            return Err(Error::invalid("No exec command specified"));
        }
        if spec.privileged {
            return Err(Error::new(ErrorKind::NotImplemented, "exec --privileged is not there yet in Lernhafen"));
        }
        let id = super::name::id()?;
        let action = format!("exec_create: {}", spec.cmd.join(" "));
        let mut execs = self.execs.lock().unwrap_or_else(PoisonError::into_inner);
        if execs.len() >= MOST {
            forget_oldest(&mut execs)?;
        }
        let phase = watch::Sender::new(Phase::Created);
        execs.insert(id.clone(), ExecEntry { container: entry.id.clone(), spec, created: now(), phase });
        drop(execs);
        self.container_event(&entry.id, &action);
        Ok(id)
    }

    /// Runs it. Errors: no such exec, started before, its container has ended, or its command can't run.
    pub async fn start_exec(&self, id: &str, detach: bool, console_size: Option<[u16; 2]>) -> Result<Option<Attached>> {
        let (container, mut spec) = self.begin_exec(id)?;
        spec.console_size = console_size.unwrap_or(spec.console_size);
        self.container_event(&container, &format!("exec_start: {}", spec.cmd.join(" ")));
        let error = match self.run_exec(id, &container, &spec, detach).await {
            Ok(stream) => {
                return Ok(stream.map(|stream| Attached { tty: spec.tty, history: Vec::new(), stream: Some(stream) }));
            }
            Err(error) => error,
        };
        let missing = error.message.contains("executable file not found") || error.message.contains("no such file");
        self.set_phase(id, Phase::Exited(if missing { 127 } else { 126 }));
        let message =
            format!("OCI runtime exec failed: exec failed: unable to start container process: {}", error.message);
        if detach {
            return Err(Error { message, ..error });
        }
        // As Docker: who is attached reads it where the output would be, and finds the exit code by inspecting.
        let mut history = Vec::new();
        log::write_framed(&mut history, spec.tty, false, format!("{message}\r\n").as_bytes());
        Ok(Some(Attached { tty: spec.tty, history, stream: None }))
    }

    /// Sets the terminal's size; waits for the process if it is just being started, as Docker does.
    pub async fn resize_exec(&self, id: &str, rows: u16, cols: u16) -> Result<()> {
        let mut phase = self.with_exec(id, |exec| exec.phase.subscribe())?;
        let started = phase.wait_for(|phase| matches!(phase, Phase::Running(_) | Phase::Exited(_)));
        let running = match tokio::time::timeout(std::time::Duration::from_secs(10), started).await {
            Ok(Ok(phase)) => matches!(*phase, Phase::Running(_)),
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
        if let Reply::Hello { processes, .. } = reply {
            let ended = processes.iter().find(|process| process.id == id).map(|process| process.status);
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
                running: matches!(phase, Phase::Running(_)),
                exit_code: if let Phase::Exited(code) = phase { Some(code) } else { None },
                pid: if let Phase::Running(pid) = phase { pid } else { 0 },
            }
        })
    }

    fn begin_exec(&self, id: &str) -> Result<(String, ExecSpec)> {
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
            .ok_or_else(|| Error::conflict(format!("Error: Exec command {id} has already run")))?;
        if !self.entry(&container)?.is_running() {
            self.set_phase(id, Phase::Exited(137));
            return Err(Error::conflict(format!("container {container} is not running")));
        }
        Ok((container, spec))
    }

    async fn run_exec(
        &self,
        id: &str,
        container: &str,
        spec: &ExecSpec,
        detach: bool,
    ) -> Result<Option<PendingStream>> {
        let record = self.entry(container)?.record().clone();
        let files =
            rootfs::Rootfs { upper: self.container_dir(container).join("upper"), layers: self.layers_of(&record)? };
        let exec = Exec {
            id: id.to_owned(),
            container: container.to_owned(),
            process: super::oci::exec_process(&record, spec, &files)?,
            io: Io { stdin: spec.attach_stdin && !detach, stdin_once: true },
            ring: 0,
            attach: (!detach).then_some(protocol::Streams {
                stdin: spec.attach_stdin,
                stdout: spec.attach_stdout,
                stderr: spec.attach_stderr,
            }),
        };
        let (reply, fds) = self.keeper.request(Request::Exec(Box::new(exec))).await?;
        if let Reply::Started { pid } = reply {
            self.set_phase_unless_exited(id, Phase::Running(pid));
        }
        if detach {
            return Ok(None);
        }
        let (connected, pending) = oneshot::channel();
        // The receiver is right here: it can't have gone.
        let _ = connected.send(attach::stream(fds)?);
        Ok(Some(PendingStream(pending)))
    }

    /// Records the end of an exec that the keeper tells of.
    pub(crate) async fn exec_exited(&self, process: &ProcessState) {
        let protocol::Status::Exited { code, .. } = process.status else { return };
        self.set_phase(&process.id, Phase::Exited(code));
        if let Err(error) = self.keeper.request(Request::Forget { id: process.id.clone() }).await {
            tracing::warn!(exec = process.id, error = error.message, "the keeper doesn't forget an exec");
        }
        if let Ok(container) = self.with_exec(&process.id, |exec| exec.container.clone()) {
            let details = [("execID".to_owned(), process.id.clone()), ("exitCode".to_owned(), code.to_string())];
            self.container_event_with(&container, "exec_die", details.into());
        }
    }

    pub(crate) fn forget_execs(&self, container: &str) {
        self.execs.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, exec| exec.container != container);
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
        let execs = self.execs.lock().unwrap_or_else(PoisonError::into_inner);
        let exec = execs.get(id).ok_or_else(|| Error::not_found(format!("No such exec instance: {id}")))?;
        Ok(look(exec))
    }
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
