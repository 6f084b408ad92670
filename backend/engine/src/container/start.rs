//! `docker start`: from a record to a running process.

use super::entry::Entry;
use super::failed::{exit_code, start_words};
use super::log::Limits;
use super::{Container, Restarts, Status, files, init, oci, rootfs};
use crate::host::VirtualHost;
use crate::network::known_hosts;
use crate::time::now;
use crate::{Error, ErrorKind, Result};
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::protocol::{Create, Join, LogFile, Reply, Request};
use runtime::process::{Bind, Io, Rootfs, visible_pid};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;

/// What a keeper needs to know of a container that is about to start.
struct Prepared {
    /// The record as it will be once it runs.
    container: Container,
    bundle: PathBuf,
    rootfs: Rootfs,
    io: Io,
    binds: Vec<Bind>,
    join: Vec<Join>,
}

impl VirtualHost {
    /// Starts a container. Errors: not found, runs already ([`ErrorKind::NotModified`]), or its command can't run: then it
    /// has exited with 126 or 127, as a shell would say, and the error says why.
    pub async fn start_container(self: &Arc<Self>, name: &str) -> Result<()> {
        let entry = self.entry(name)?;
        let turn = entry.turn.lock().await;
        let record = entry.record();
        match record.state.status {
            Status::Running if record.state.paused => {
                return Err(Error::conflict("cannot start a paused container, try unpause instead"));
            }
            Status::Running | Status::Restarting => {
                return Err(Error::new(ErrorKind::NotModified, format!("container {name} is already running")));
            }
            Status::Removing => {
                return Err(Error::conflict(format!("container {name} is being removed and can't be started")));
            }
            Status::Created | Status::Exited => {}
        }
        entry.update(|container| {
            container.restarts = Restarts::default();
            Ok(())
        })?;
        entry.forget_backoff();
        let outcome = self.run(&entry).await;
        if let Err(failure) = &outcome {
            self.start_failed(&entry, failure).await;
        }
        drop(turn);
        if outcome.is_err() && entry.record().spec.auto_remove {
            self.remove_entry(&entry, true).await?;
        }
        outcome.map_err(|failure| Error { message: start_words(&failure), ..Error::from(failure) })
    }

    pub(super) async fn run(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<(), Failure> {
        let Prepared { mut container, bundle, rootfs, binds, io, join } =
            self.prepare(entry).map_err(|error| failed(&error))?;
        let log = self.log_file(&container).map_err(|error| failed(&error))?;
        let create = Create { id: entry.id.to_string(), join, bundle, rootfs, binds, io, log };
        let (reply, fds) = self.keeper.request(Request::Create(Box::new(create))).await?;
        let Reply::Created { pid } = reply else { return Err(unexpected(&reply)) };
        let ready = async {
            self.plug_in(&mut container, fds).await.map_err(|error| failed(&error))?;
            self.network_event("connect", &container.id, &container.spec.network_mode);
            self.volumes_mounted(&container);
            self.connect_attaching(entry).await;
            let (reply, _) = self.keeper.request(Request::Start { id: entry.id.to_string() }).await?;
            if !matches!(reply, Reply::Started { .. }) {
                return Err(unexpected(&reply));
            }
            self.running(entry, container, pid).map_err(|error| failed(&error))
        };
        let started = ready.await;
        if started.is_err() {
            // What is not written down doesn't run.
            self.forget(&entry.id).await;
        }
        started
    }

    /// Writes the bundle and says where the root file system comes from.
    fn prepare(&self, entry: &Entry) -> Result<Prepared> {
        let mut container = Container::clone(&entry.record());
        let joined = self.joined(&entry.id, &container.spec)?;
        let dir = self.container_dir_in_keeper(&entry.id);
        let mut names_dir = dir.clone();
        if let Some(other) = joined.network {
            container.hostname.clone_from(&other.hostname);
            container.spec.domainname.clone_from(&other.spec.domainname);
            names_dir = self.container_dir_in_keeper(&other.id);
        }
        let workstation = self.workstation_files();
        container.spec.surroundings.check_devices(|path| match &workstation {
            Some(files) => files.has_any(path),
            None => !path.starts_with("/dev"),
        })?;
        let upper = self.container_dir(&entry.id).join("upper");
        let files = rootfs::Rootfs { upper, layers: self.layers_of(&container)? };
        let mut spec = oci::spec(&container, &names_dir, &files, self.limits().millicpus)?;
        if container.spec.surroundings.init == Some(true) {
            oci::put_in_front(&mut spec, init::before(&container.argv), init::mount(&self.parts.config.run_dir));
        }
        let binds = self.binds(&container)?;
        let rootfs = Rootfs::Overlay { lower: files.layers, upper: dir.join("upper"), work: dir.join("work") };
        let bundle = self.bundle_dir(&entry.id);
        oci::write_bundle(&bundle, &spec)?;
        let io = Io { stdin: container.spec.open_stdin, stdin_once: container.spec.stdin_once };
        Ok(Prepared { container, bundle, rootfs, binds, io, join: joined.namespaces })
    }

    fn log_file(&self, container: &Container) -> Result<Option<LogFile>> {
        let config = &container.spec.log;
        if !config.is_kept() {
            return Ok(None);
        }
        let Limits { max_size, max_files } = config.limits()?;
        Ok(Some(LogFile {
            path: files::log(&self.container_dir_in_keeper(&container.id), &container.id),
            max_size,
            max_files,
        }))
    }

    /// Gives the container its place in the network, before its first instruction.
    async fn plug_in(&self, container: &mut Container, fds: Vec<OwnedFd>) -> Result<()> {
        container.network = self.kinds.networks.allocate(&container.id, &container.spec.network_mode)?;
        let (Some(namespace), Some(endpoint)) = (fds.first(), &container.network) else { return Ok(()) };
        self.kinds.networks.connect(namespace.as_fd(), endpoint).await?;
        files::write_hosts(
            &self.container_dir(&container.id),
            container,
            &known_hosts(self.rules().registry.own.as_deref()),
        )
    }

    fn running(self: &Arc<Self>, entry: &Arc<Entry>, started: Container, pid: i32) -> Result<()> {
        entry.update(|container| {
            container.hostname = started.hostname;
            container.spec.domainname = started.spec.domainname;
            container.network = started.network;
            let state = &mut container.state;
            state.status = Status::Running;
            state.pid = pid;
            state.visible_pid = visible_pid(pid);
            state.paused = false;
            state.error.clear();
            state.exit_code = 0;
            state.oom_killed = false;
            state.started_at = now();
            container.health = None;
            Ok(())
        })?;
        entry.change_lifecycle(|life| life.running = true);
        self.container_event(&entry.id, "start");
        self.watch_health(entry);
        Ok(())
    }

    pub(super) async fn start_failed(&self, entry: &Entry, failure: &Failure) {
        entry.note(|container| {
            if container.state.status == Status::Restarting {
                container.state.status = Status::Exited;
            }
            container.state.exit_code = exit_code(failure.kind);
            container.state.error = start_words(failure);
        });
        self.kinds.networks.release(&entry.id);
        entry.take_attaching();
        oci::remove_bundle(&self.bundle_dir(&entry.id));
    }
}

pub(super) fn failed(error: &Error) -> Failure {
    let kind = if error.kind == ErrorKind::InvalidParameter { FailureKind::Invalid } else { FailureKind::System };
    Failure { kind, message: error.message.clone() }
}

fn unexpected(reply: &Reply) -> Failure {
    Failure { kind: FailureKind::System, message: format!("the keeper answered out of turn: {reply:?}") }
}
