//! What the commands that serve have in common.

use anyhow::Context;
use runtime::zygote::Zygote;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::future::Future;
use std::io;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

/// Forks the zygote. To be called before the process has threads.
pub(super) fn start_zygote() -> anyhow::Result<Zygote> {
    Zygote::start().context("the process that begins virtual hosts can't be started")
}

/// The runtime that a server works on. Makes threads: the zygote must be there before.
pub(super) fn runtime() -> anyhow::Result<Runtime> {
    open_as_many_files_as_allowed().context("the limit of open files can't be raised")?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads can be made")
}

/// Each virtual host takes some, and what a process is started with is rarely enough for a room.
fn open_as_many_files_as_allowed() -> io::Result<()> {
    let limits = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, ..limits })?)
}

/// Works until `work` ends or somebody ends us (`SIGTERM`, Ctrl-C), which is no failure.
pub(super) async fn until_ended<T>(work: impl Future<Output = T>) -> io::Result<Option<T>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        result = work => Ok(Some(result)),
        _ = terminate.recv() => Ok(None),
        _ = interrupt.recv() => Ok(None),
    }
}
