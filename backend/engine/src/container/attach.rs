//! `docker attach`, and the attaching half of `docker run`.

use super::entry::{Attaching, Entry};
use super::{Status, log};
use crate::host::{AttachOptions, Attached, History, LogOptions, PendingStream, VirtualHost};
use crate::{Error, Result};
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::protocol::{Attach, Request};
use std::os::fd::OwnedFd;
use tokio::net::UnixStream;
use tokio::sync::oneshot;

impl VirtualHost {
    /// Connects to a container's streams; to one that doesn't run yet, as soon as it starts.
    pub async fn attach_container(&self, name: &str, options: AttachOptions) -> Result<Attached> {
        let entry = self.entry(name)?;
        if entry.record().state.paused {
            return Err(Error::conflict(format!("container {name} is paused, unpause the container before attach")));
        }
        let tty = entry.record().spec.tty;
        let history = if options.logs {
            let wanted = LogOptions { stdout: options.stdout, stderr: options.stderr, ..LogOptions::default() };
            log::history(&self.container_dir(&entry.id), &entry.id, tty, wanted).await?
        } else {
            History::of(Vec::new())
        };
        let stream = if options.stream { Some(self.pending_stream(&entry, options).await?) } else { None };
        self.container_event(&entry.id, "attach");
        Ok(Attached { tty, history, stream })
    }

    /// Takes note that a client has left by its detach keys.
    pub fn container_detached(&self, name: &str) {
        if let Ok(entry) = self.entry(name) {
            self.container_event(&entry.id, "detach");
        }
    }

    async fn pending_stream(&self, entry: &Entry, options: AttachOptions) -> Result<PendingStream> {
        let wanted = Attach {
            id: entry.id.clone(),
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
                    tracing::warn!(container = entry.id, error = failure.message, "cannot attach a client");
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
