//! The zygote: a small process, forked before the server has threads, that forks keepers.
//!
//! A server with threads can't fork safely, and its forks would carry its memory along. The zygote has neither
//! threads nor memory worth mentioning, so that its keepers are there in a moment, and small.

use crate::failure::{Doing, Failure, FailureKind, Result};
use crate::keeper::protocol::HostConfig;
use crate::{keeper, sys, wire};
use rustix::process::{DumpableBehavior, WaitOptions, set_dumpable_behavior, setsid, wait};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Mutex, PoisonError};

/// What a keeper holds for as long as it lives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Held<'a> {
    /// What [`HostConfig::disk`] is about.
    pub disk: Option<BorrowedFd<'a>>,
    /// What [`HostConfig::router`] is about.
    pub router: Option<BorrowedFd<'a>>,
}

/// The server's end of the zygote, which ends when this is dropped, or the server dies. Keepers live on.
#[derive(Debug)]
pub struct Zygote {
    socket: Mutex<OwnedFd>,
}

impl Zygote {
    /// Forks the zygote. The caller must not have threads yet: call it first in `main`.
    ///
    /// # Errors
    /// If the system refuses another process.
    pub fn start() -> io::Result<Self> {
        let (ours, theirs) = wire::pair()?;
        sys::fork(|| serve(&theirs))?;
        Ok(Self { socket: Mutex::new(ours) })
    }

    /// Starts the keeper of a new virtual host; it listens at [`HostConfig::socket`] when this returns, and its first answer
    /// to a `Hello` tells how the host does. Blocks for some milliseconds.
    ///
    /// # Errors
    /// If the configuration is not valid, the socket can't be made, or the system refuses another process.
    pub fn spawn_keeper(&self, config: &HostConfig, held: Held<'_>) -> Result<()> {
        let doing = || format!("starting the keeper of host {}", config.id);
        let held: Vec<_> = held.disk.into_iter().chain(held.router).collect();
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        wire::send(&*socket, config, &held).doing(doing)?;
        match wire::receive::<Result<()>>(&*socket).doing(doing)? {
            Some((outcome, _)) => outcome,
            None => Err(system(format!("{}: the zygote has ended; restart the server", doing()))),
        }
    }
}

/// Answers the server's wishes until it is gone.
fn serve(server: &OwnedFd) {
    let prepared = sys::close_all_but(&[server.as_fd()])
        .and_then(|()| Ok(rustix::thread::set_name(c"lernhafen-zyg")?))
        .and_then(|()| Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?))
        // Its own session: what ends the server by the keyboard ends it here by the closing socket, after its last wish.
        .and_then(|()| Ok(setsid().map(drop)?))
        .and_then(|()| sys::ignore_keyboard_signals());
    if prepared.is_err() {
        return;
    }
    while let Ok(Some((config, files))) = wire::receive_packet(server) {
        let outcome = fork_keeper(&config, files);
        if wire::send(server, &outcome, &[]).is_err() {
            return;
        }
    }
}

/// Forks a process that forks the keeper and ends: the keeper is nobody's child then.
fn fork_keeper(config: &[u8], held: Vec<OwnedFd>) -> Result<()> {
    let doing = || "forking a keeper".to_owned();
    let (ours, theirs) = wire::pair().doing(doing)?;
    let body = |theirs: OwnedFd, held| {
        if setsid().is_ok() {
            let _ = sys::fork(|| keeper::run(config, held, theirs));
        }
    };
    sys::fork(|| body(theirs, held)).doing(doing)?;
    let answer = wire::receive::<Result<()>>(&ours);
    while let Ok(Some(_)) = wait(WaitOptions::empty()) {}
    match answer.doing(doing)? {
        Some((outcome, _)) => outcome,
        None => Err(system("a new keeper ended without a word; is the machine out of memory?".to_owned())),
    }
}

fn system(message: String) -> Failure {
    Failure { kind: FailureKind::System, message }
}
