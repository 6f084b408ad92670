//! `docker start`: from a record to a running process.

use super::entry::Entry;
use super::{Status, files, oci, rootfs};
use crate::host::VirtualHost;
use crate::time::now;
use crate::{Error, ErrorKind, Result};
use runtime::keeper::protocol::{Create, Failure, FailureKind, Io, Reply, Request, Rootfs};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

impl VirtualHost {
    /// Starts a container. Errors: not found, runs already ([`ErrorKind::NotModified`]), or its command can't run: then it
    /// has exited with 126 or 127, as a shell would say, and the error says why.
    pub async fn start_container(&self, name: &str) -> Result<()> {
        let entry = self.entry(name)?;
        let turn = entry.turn.lock().await;
        match entry.record().state.status {
            Status::Running => {
                return Err(Error::new(ErrorKind::NotModified, format!("container {name} is already running")));
            }
            Status::Removing => {
                return Err(Error::conflict(format!("container {name} is being removed and can't be started")));
            }
            Status::Created | Status::Exited => {}
        }
        let outcome = self.run(&entry).await;
        if let Err(failure) = &outcome {
            self.start_failed(&entry, failure).await;
        }
        drop(turn);
        if outcome.is_err() && entry.record().spec.auto_remove {
            self.remove_entry(&entry).await?;
        }
        outcome.map_err(|failure| docker_words(&failure))
    }

    async fn run(&self, entry: &Arc<Entry>) -> Result<(), Failure> {
        let (bundle, rootfs, io) = self.prepare(entry).map_err(|error| failed(&error))?;
        let create = Create {
            id: entry.id.clone(),
            bundle,
            rootfs,
            io,
            log: Some(files::log(&self.container_dir(&entry.id), &entry.id)),
        };
        let (reply, fds) = self.keeper.request(Request::Create(Box::new(create))).await?;
        let Reply::Created { pid } = reply else { return Err(unexpected(&reply)) };
        let ready = async {
            self.plug_in(entry, fds).await.map_err(|error| failed(&error))?;
            self.connect_attaching(entry).await;
            let (reply, _) = self.keeper.request(Request::Start { id: entry.id.clone() }).await?;
            if matches!(reply, Reply::Started { .. }) { Ok(()) } else { Err(unexpected(&reply)) }
        };
        if let Err(failure) = ready.await {
            let forgotten = self.keeper.request(Request::Forget { id: entry.id.clone() }).await;
            // One whose start failed is forgotten already.
            if let Err(error) = forgotten
                && error.kind != FailureKind::NotFound
            {
                tracing::error!(container = entry.id, error = error.message, "a failed start isn't forgotten");
            }
            return Err(failure);
        }
        self.running(entry, pid).map_err(|error| failed(&error))
    }

    /// Writes the bundle and says where the root file system comes from.
    fn prepare(&self, entry: &Entry) -> Result<(std::path::PathBuf, Rootfs, Io)> {
        let container = entry.record().clone();
        let dir = self.container_dir(&entry.id);
        let files = rootfs::Rootfs { upper: dir.join("upper"), layers: self.layers_of(&container)? };
        let spec = oci::spec(&container, &dir, &files)?;
        let rootfs = Rootfs::Overlay { lower: files.layers, upper: files.upper, work: dir.join("work") };
        let bundle = self.bundle_dir(&entry.id);
        oci::write_bundle(&bundle, &spec)?;
        let io = Io { stdin: container.spec.open_stdin, stdin_once: container.spec.stdin_once };
        Ok((bundle, rootfs, io))
    }

    /// Gives the container its place in the network, before its first instruction.
    async fn plug_in(&self, entry: &Entry, fds: Vec<OwnedFd>) -> Result<()> {
        let wants_network = entry.record().spec.network_mode != "none";
        let (Some(namespace), true) = (fds.into_iter().next(), wants_network) else { return Ok(()) };
        let endpoint = self.network.allocate(&entry.id)?;
        entry.record().network = Some(endpoint.clone());
        self.network.connect(namespace.as_fd(), &endpoint).await?;
        files::write_hosts(&self.container_dir(&entry.id), &entry.record())
    }

    fn running(&self, entry: &Entry, pid: i32) -> Result<()> {
        let record = {
            let mut record = entry.record();
            record.state.status = Status::Running;
            record.state.pid = pid;
            record.state.error.clear();
            record.state.exit_code = 0;
            record.state.oom_killed = false;
            record.state.started_at = now();
            record.clone()
        };
        super::record::save(&self.db, &self.id, &record)?;
        entry.change_lifecycle(|life| life.running = true);
        self.container_event(&entry.id, "start");
        Ok(())
    }

    async fn start_failed(&self, entry: &Entry, failure: &Failure) {
        let record = {
            let mut record = entry.record();
            record.network = None;
            record.state.exit_code = match failure.kind {
                FailureKind::CommandNotFound => 127,
                FailureKind::CommandNotExecutable => 126,
                _ => 128,
            };
            record.state.error = docker_words(failure).message;
            record.clone()
        };
        self.network.release(&entry.id);
        entry.take_attaching();
        if let Err(error) = super::record::save(&self.db, &self.id, &record) {
            tracing::error!(container = entry.id, %error, "a failed start isn't written down");
        }
        oci::remove_bundle(&self.bundle_dir(&entry.id));
    }
}

/// The CLI takes its own exit code (125, 126, 127) from these words.
fn docker_words(failure: &Failure) -> Error {
    let error = Error::from(failure.clone());
    match failure.kind {
        FailureKind::CommandNotFound | FailureKind::CommandNotExecutable => Error {
            message: format!(
                "failed to create task for container: failed to create shim task: OCI runtime create failed: \
                 unable to start container process: {}",
                error.message
            ),
            ..error
        },
        _ => error,
    }
}

fn failed(error: &Error) -> Failure {
    Failure { kind: FailureKind::System, message: error.message.clone() }
}

fn unexpected(reply: &Reply) -> Failure {
    Failure { kind: FailureKind::System, message: format!("the keeper answered out of turn: {reply:?}") }
}
