//! A virtual host begins: its keeper, its network, its containers as they are written down.

use super::kinds::Kinds;
use super::view::View;
use super::{HostFiles, HostRecord, VirtualHost};
use crate::container;
use crate::event::EventLog;
use crate::id::HostId;
use crate::keeper::{Greeting, Keeper};
use crate::network::{Router, known_hosts};
use crate::parts::{EngineConfig, Parts};
use crate::store::Owner;
use crate::{Error, Result};
use parking_lot::{Mutex, RwLock};
use runtime::keeper::hello::HandedOut;
use runtime::keeper::protocol::{Event, HostConfig};
use runtime::process::Rootfs;
use runtime::zygote::Held;
use std::fs::DirBuilder;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::UnixListener;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{broadcast, watch};

/// Where the workstation listens for the Docker API; `/var/run` is a link to `/run`.
const ENGINE_SOCKET: &str = "/run/docker.sock";

/// Ends for want of memory that somebody who is told of them may be behind with.
const MOST_SHORTAGES: usize = 16;

/// What a keeper says unasked.
pub(crate) type KeeperEvents = UnboundedReceiver<Event>;

/// Begins a host that isn't there: its keeper is forked, its workstation mounted.
pub(crate) async fn begin(parts: &Arc<Parts>, record: HostRecord) -> Result<(Arc<VirtualHost>, KeeperEvents)> {
    let (data_dir, run_dir) = parts.config.host_dirs(&record.id);
    super::end::sweep(parts, &record.id).await?;
    // The keeper is to hold it.
    parts.router(record.rules.needs_router()).await;
    let (zygote, new) = (parts.clone(), record.clone());
    let keeper_socket = run_dir.join("keeper.sock");
    let spawned = tokio::task::spawn_blocking(move || -> Result<()> {
        // Whoever has files without a disk goes on so.
        let disk = zygote.disks.mount(&new.id, is_empty(&data_dir).then_some(new.rules.disk_mib))?;
        for dir in [&data_dir, &run_dir] {
            make_dir(dir)?;
        }
        let copy = disk.as_ref().map(OwnedFd::try_clone).transpose();
        let copy = copy.map_err(|error| Error::system(format!("cannot keep the disk of a virtual host: {error}")))?;
        let files = HostFiles::new(data_dir, copy);
        files.prepare(new.id_base)?;
        let config = config(&zygote, &new, &files, disk.is_some(), &run_dir)?;
        let router = zygote.router_if_open().map(Router::namespace);
        Ok(zygote.zygote.spawn_keeper(&config, Held { disk: disk.as_ref().map(AsFd::as_fd), router })?)
    });
    spawned.await.map_err(|error| Error::system(format!("cannot begin a virtual host: {error}")))??;
    let (mut keeper, events) = Keeper::connect(&keeper_socket)?;
    let greeting = keeper.greet().await?;
    let host = assemble(parts, record, keeper, greeting).await?;
    begin_network(&host);
    host.start_by_policy();
    Ok((host, events))
}

/// A host whose keeper lives on from before the server's restart.
#[derive(Debug)]
pub(crate) struct Found {
    record: HostRecord,
    keeper: Keeper,
    events: KeeperEvents,
    greeting: Greeting,
}

impl Found {
    pub(crate) fn id(&self) -> &HostId {
        &self.record.id
    }

    /// The router that its cable leads to.
    pub(crate) fn take_router(&mut self) -> Option<OwnedFd> {
        self.greeting.files.router.take()
    }
}

/// Looks for the keeper of a host. `None`: it has ended.
pub(crate) async fn find(config: &EngineConfig, record: HostRecord) -> Result<Option<Found>> {
    let (_, run_dir) = config.host_dirs(&record.id);
    let Ok((mut keeper, events)) = Keeper::connect(&run_dir.join("keeper.sock")) else { return Ok(None) };
    let greeting = keeper.greet().await?;
    Ok(Some(Found { record, keeper, events, greeting }))
}

/// Takes a host over from the server before this one.
pub(crate) async fn find_again(parts: &Arc<Parts>, found: Found) -> Result<(Arc<VirtualHost>, KeeperEvents)> {
    let Found { record, keeper, events, greeting } = found;
    let host = assemble(parts, record, keeper, greeting).await?;
    let (rules, number) = (host.rules(), host.record.number());
    parts.serve_registry(number, rules.registry.own.as_deref());
    if parts.router(rules.needs_router()).await.is_some_and(|router| router.was_let_out(number) != Some(rules.way_out))
    {
        begin_network(&host);
    }
    Ok((host, events))
}

fn config(parts: &Parts, record: &HostRecord, files: &HostFiles, has_disk: bool, run_dir: &Path) -> Result<HostConfig> {
    let workstation = files.named().join("workstation");
    let (rootfs, own_files, engine_socket) = match &record.workstation {
        Some(name) => {
            let image = parts.store.image(&Owner::Catalogue, name).map_err(|error| Error {
                message: format!("{}: build it with `lernhafen images build`", error.message),
                ..error
            })?;
            let known = known_hosts(record.rules.registry.own.as_deref());
            let directory = files.reached().join("workstation");
            container::make_workstation(&directory, record.id_base, &record.hostname, &known)?;
            let rootfs = Rootfs::Overlay {
                lower: parts.store.layers(&image),
                upper: workstation.join("upper"),
                work: workstation.join("work"),
            };
            (rootfs, Some(workstation.as_path()), Some(PathBuf::from(ENGINE_SOCKET)))
        }
        None => (Rootfs::Empty, None, None),
    };
    Ok(HostConfig {
        id: record.id.to_string(),
        socket: run_dir.join("keeper.sock"),
        id_base: record.id_base,
        spec: container::workstation_spec(
            &record.hostname,
            own_files,
            Some(&files.named().join("volumes")),
            record.limits.memory,
        )?,
        rootfs,
        limits: record.limits,
        engine_socket,
        disk: has_disk.then(|| files.named().to_owned()),
        router: parts.router_if_open().is_some(),
    })
}

async fn assemble(
    parts: &Arc<Parts>,
    record: HostRecord,
    keeper: Keeper,
    greeting: Greeting,
) -> Result<Arc<VirtualHost>> {
    let Greeting { processes, files: handed_out } = greeting;
    let HandedOut { network_namespace, engine_socket, disk, .. } = handed_out;
    // Every time: images that were built since are for those who were here before, too.
    parts.store.adopt_catalogue(&Owner::Host(record.id.clone()))?;
    let network_namespace = Arc::new(network_namespace);
    let kinds = Kinds::load(parts, &record, network_namespace.clone())?;
    let (data_dir, run_dir) = parts.config.host_dirs(&record.id);
    let files = HostFiles::new(data_dir, disk);
    let host = Arc::new(VirtualHost {
        parts: parts.clone(),
        rules: RwLock::new(Arc::new(record.rules.clone())),
        plugging: tokio::sync::Mutex::default(),
        hostname: Mutex::new(record.hostname.clone()),
        record,
        keeper,
        kinds,
        events: EventLog::default(),
        view: View::default(),
        shortages: broadcast::Sender::new(MOST_SHORTAGES),
        network_namespace,
        shells: tokio::sync::Mutex::default(),
        listener: Mutex::new(engine_socket.map(listener).transpose()?),
        over: watch::Sender::new(false),
        files,
        run_dir,
    });
    host.reconcile(&processes).await;
    container::watch_oom(&host);
    Ok(host)
}

/// Gives the host its network, which takes too long to wait for. Its containers wait for their part of it.
fn begin_network(host: &Arc<VirtualHost>) {
    let host = host.clone();
    tokio::spawn(async move {
        if let Err(error) = host.set_up_network().await {
            tracing::error!(host = host.id().as_str(), %error, "a virtual host has no way to others");
        }
    });
}

fn is_empty(dir: &Path) -> bool {
    std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none())
}

fn make_dir(dir: &Path) -> Result<()> {
    let made = DirBuilder::new().mode(0o700).recursive(true).create(dir);
    made.map_err(|error| Error::system(format!("cannot make {}: {error}", dir.display())))
}

fn listener(fd: OwnedFd) -> Result<UnixListener> {
    let listener = std::os::unix::net::UnixListener::from(fd);
    listener
        .set_nonblocking(true)
        .and_then(|()| UnixListener::from_std(listener))
        .map_err(|error| Error::system(format!("cannot listen on the workstation's engine socket: {error}")))
}
