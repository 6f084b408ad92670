//! `docker start`: from a record to a running process.

use super::entry::Entry;
use super::failed::{exit_code, start_words};
use super::log::Limits;
use super::{Restarts, Status, files, init, oci, rootfs};
use crate::host::VirtualHost;
use crate::network::known_hosts;
use crate::time::now;
use crate::{Error, ErrorKind, Result};
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::protocol::{Create, Join, LogFile, Reply, Request};
use runtime::process::{Io, Rootfs, visible_pid};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;

/// What a keeper needs to know of a container that is about to start.
struct Prepared {
    bundle: PathBuf,
    rootfs: Rootfs,
    io: Io,
    join: Vec<Join>,
}

impl VirtualHost {
    /// Starts a container. Errors: not found, runs already ([`ErrorKind::NotModified`]), or its command can't run: then it
    /// has exited with 126 or 127, as a shell would say, and the error says why.
    pub async fn start_container(self: &Arc<Self>, name: &str) -> Result<()> {
        let entry = self.entry(name)?;
        let turn = entry.turn.lock().await;
        let (status, paused) = {
            let record = entry.record();
            (record.state.status, record.state.paused)
        };
        match status {
            Status::Running if paused => {
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
        entry.record().restarts = Restarts::default();
        entry.forget_backoff();
        let outcome = self.run(&entry).await;
        if let Err(failure) = &outcome {
            self.start_failed(&entry, failure).await;
        }
        drop(turn);
        if outcome.is_err() && entry.record().spec.auto_remove {
            self.remove_entry(&entry).await?;
        }
        outcome.map_err(|failure| Error { message: start_words(&failure), ..Error::from(failure) })
    }

    pub(super) async fn run(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<(), Failure> {
        let Prepared { bundle, rootfs, io, join } = self.prepare(entry).map_err(|error| failed(&error))?;
        let log = self.log_file(entry).map_err(|error| failed(&error))?;
        let create = Create { id: entry.id.clone(), join, bundle, rootfs, io, log };
        let (reply, fds) = self.keeper.request(Request::Create(Box::new(create))).await?;
        let Reply::Created { pid } = reply else { return Err(unexpected(&reply)) };
        let ready = async {
            self.plug_in(entry, fds).await.map_err(|error| failed(&error))?;
            let record = entry.record().clone();
            self.network_event("connect", &record.id, &record.spec.network_mode);
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
    fn prepare(&self, entry: &Entry) -> Result<Prepared> {
        // Not in one statement: whoever looks for another container looks at this one's record, too.
        let asked = entry.record().spec.clone();
        let joined = self.joined(&entry.id, &asked)?;
        let dir = self.container_dir_in_keeper(&entry.id);
        let mut names_dir = dir.clone();
        if let Some(other) = joined.network {
            let mut record = entry.record();
            record.hostname.clone_from(&other.hostname);
            record.spec.domainname.clone_from(&other.spec.domainname);
            names_dir = self.container_dir_in_keeper(&other.id);
        }
        let container = entry.record().clone();
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
        let rootfs = Rootfs::Overlay { lower: files.layers, upper: dir.join("upper"), work: dir.join("work") };
        let bundle = self.bundle_dir(&entry.id);
        oci::write_bundle(&bundle, &spec)?;
        let io = Io { stdin: container.spec.open_stdin, stdin_once: container.spec.stdin_once };
        Ok(Prepared { bundle, rootfs, io, join: joined.namespaces })
    }

    fn log_file(&self, entry: &Entry) -> Result<Option<LogFile>> {
        let config = entry.record().spec.log.clone();
        if !config.is_kept() {
            return Ok(None);
        }
        let Limits { max_size, max_files } = config.limits()?;
        Ok(Some(LogFile { path: files::log(&self.container_dir_in_keeper(&entry.id), &entry.id), max_size, max_files }))
    }

    /// Gives the container its place in the network, before its first instruction.
    async fn plug_in(&self, entry: &Entry, fds: Vec<OwnedFd>) -> Result<()> {
        let wants_network = entry.record().spec.network_mode != "none";
        let (Some(namespace), true) = (fds.into_iter().next(), wants_network) else { return Ok(()) };
        let endpoint = self.network.allocate(&entry.id)?;
        entry.record().network = Some(endpoint.clone());
        self.network.connect(namespace.as_fd(), &endpoint).await?;
        files::write_hosts(
            &self.container_dir(&entry.id),
            &entry.record(),
            &known_hosts(self.parts.registries.harbour_name()),
        )
    }

    fn running(self: &Arc<Self>, entry: &Arc<Entry>, pid: i32) -> Result<()> {
        let record = {
            let mut record = entry.record();
            record.state.status = Status::Running;
            record.state.pid = pid;
            record.state.visible_pid = visible_pid(pid);
            record.state.paused = false;
            record.state.error.clear();
            record.state.exit_code = 0;
            record.state.oom_killed = false;
            record.state.started_at = now();
            record.health = None;
            record.clone()
        };
        super::record::save(&self.parts.db, self.id(), &record)?;
        entry.change_lifecycle(|life| life.running = true);
        self.container_event(&entry.id, "start");
        self.watch_health(entry);
        Ok(())
    }

    pub(super) async fn start_failed(&self, entry: &Entry, failure: &Failure) {
        let record = {
            let mut record = entry.record();
            record.network = None;
            if record.state.status == Status::Restarting {
                record.state.status = Status::Exited;
            }
            record.state.exit_code = exit_code(failure.kind);
            record.state.error = start_words(failure);
            record.clone()
        };
        self.network.release(&entry.id);
        entry.take_attaching();
        if let Err(error) = super::record::save(&self.parts.db, self.id(), &record) {
            tracing::error!(container = entry.id, %error, "a failed start isn't written down");
        }
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
