//! `docker attach`, and the attaching half of `docker run`.

use super::Status;
use super::entry::{Attaching, Entry};
use super::log::{self, LogOptions, Replay};
use crate::host::VirtualHost;
use crate::{Error, Result};
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::protocol::{Attach, Request};
use std::os::fd::OwnedFd;
use tokio::net::UnixStream;
use tokio::sync::oneshot;

/// Which streams to connect.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttachOptions {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    /// First what the log has (`logs=1`).
    pub logs: bool,
    /// Then what comes (`stream=1`).
    pub stream: bool,
}

/// A connection to a process's streams.
#[derive(Debug)]
pub struct Attached {
    /// Whether the bytes are a terminal's (raw) or framed as Docker does (8-byte headers).
    pub tty: bool,
    /// Log lines to send before the stream's bytes, already framed if `tty` is false.
    pub replay: Replay,
    /// `None` if only what was before is asked for. Ends after the process's last byte.
    pub stream: Option<PendingStream>,
}

/// A stream that is there once the container runs: `docker run` attaches before it starts.
#[derive(Debug)]
pub struct PendingStream(pub(crate) oneshot::Receiver<UnixStream>);

impl PendingStream {
    /// Waits for the container's next start. `None`: it was removed instead, or the start failed.
    pub async fn connected(self) -> Option<UnixStream> {
        self.0.await.ok()
    }
}

impl VirtualHost {
    /// Connects to a container's streams; to one that doesn't run yet, as soon as it starts.
    pub async fn attach_container(&self, name: &str, options: AttachOptions) -> Result<Attached> {
        let entry = self.entry(name)?;
        if entry.record().state.paused {
            return Err(Error::conflict(format!("container {name} is paused, unpause the container before attach")));
        }
        let tty = entry.record().spec.tty;
        let replay = if options.logs {
            let wanted = LogOptions { stdout: options.stdout, stderr: options.stderr, ..LogOptions::default() };
            log::replay(&self.container_dir(&entry.id), &entry.id, tty, wanted).await?
        } else {
            Replay::of(Vec::new())
        };
        let stream = if options.stream { Some(self.pending_stream(&entry, options).await?) } else { None };
        self.container_event(&entry.id, "attach");
        Ok(Attached { tty, replay, stream })
    }

    /// Takes note that a client has left by its detach keys.
    pub fn container_detached(&self, name: &str) {
        if let Ok(entry) = self.entry(name) {
            self.container_event(&entry.id, "detach");
        }
    }

    async fn pending_stream(&self, entry: &Entry, options: AttachOptions) -> Result<PendingStream> {
        let wanted = Attach {
            id: entry.id.to_string(),
            stdin: options.stdin && entry.record().spec.open_stdin,
            stdout: options.stdout,
            stderr: options.stderr,
            replay: false,
        };
        let (connected, pending) = oneshot::channel();
        let _turn = entry.turn.lock().await;
        let status = entry.record().state.status;
        match status {
            Status::Running => {
                // Nobody is told if the client has hung up already.
                let _ = connected.send(self.attach_process(wanted).await?);
            }
            Status::Created | Status::Exited => entry.attach_at_start(Attaching { wanted, connected }),
            Status::Restarting => {
                let message = format!("container {} is restarting, wait until the container is running", entry.id);
                return Err(Error::conflict(message));
            }
            Status::Removing => return Err(Error::conflict(format!("container {} is being removed", entry.id))),
        }
        Ok(PendingStream(pending))
    }

    /// Connects those who attached before the start; they get everything from the first byte.
    pub(crate) async fn connect_attaching(&self, entry: &Entry) {
        for attaching in entry.take_attaching() {
            match self.attach_process(attaching.wanted).await {
                Ok(stream) => {
                    let _ = attaching.connected.send(stream);
                }
                Err(failure) => {
                    tracing::warn!(container = entry.id.as_str(), error = failure.message, "cannot attach a client");
                }
            }
        }
    }

    pub(crate) async fn attach_process(&self, attach: Attach) -> Result<UnixStream, Failure> {
        let (_, fds) = self.keeper.request(Request::Attach(attach)).await?;
        stream(fds)
    }
}

/// The stream among the fds of a reply.
pub(crate) fn stream(fds: Vec<OwnedFd>) -> Result<UnixStream, Failure> {
    let broken = |why: String| Failure { kind: FailureKind::System, message: why };
    let fd = fds.into_iter().next().ok_or_else(|| broken("the keeper sent no stream".to_owned()))?;
    let stream = std::os::unix::net::UnixStream::from(fd);
    stream
        .set_nonblocking(true)
        .and_then(|()| UnixStream::from_std(stream))
        .map_err(|error| broken(format!("cannot watch a stream: {error}")))
}
