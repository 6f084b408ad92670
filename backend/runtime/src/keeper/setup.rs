//! From a fork of the zygote to a keeper at work.

use super::MOST_COMPLAINTS;
use super::protocol::HostConfig;
use super::supervisor::{Supervisor, give_up};
use crate::failure::{Doing, Failure, FailureKind, Result, invalid};
use crate::process::adjust_oom_score;
use crate::{disk, sys, wire};
use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getpid, getrlimit, set_child_subreaper, set_dumpable_behavior, setrlimit,
};
use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Is the keeper of the host that `packet` (a [`HostConfig`]) describes, until that ends. Says through `answer` whether
/// it listens, as `Result<(), Failure>`.
pub(crate) fn run(packet: &[u8], held: Vec<OwnedFd>, answer: OwnedFd) {
    let prepared = prepare(packet, held, answer.as_fd());
    let outcome = prepared.as_ref().map(|_| ()).map_err(Failure::clone);
    let said = wire::send(&answer, &outcome, &[]);
    drop(answer);
    if let (Ok((mut supervisor, socket)), Ok(())) = (prepared, said) {
        if let Err(error) = supervisor.work() {
            give_up(&error);
        }
        socket.remove();
    }
}

/// The keeper's socket in the file system.
struct Socket {
    path: std::path::PathBuf,
    inode: u64,
}

fn prepare(packet: &[u8], held: Vec<OwnedFd>, answer: BorrowedFd<'_>) -> Result<(Supervisor, Socket)> {
    let config: HostConfig = serde_json::from_slice(packet)
        .map_err(|error| invalid(format!("what was said of the new host can't be read: {error}")))?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if !(1..=32).contains(&config.id.len()) || !config.id.bytes().all(plain) {
        return Err(invalid(format!(
            "{:?} is not a host's id: those have 1 to 32 small letters and digits",
            config.id
        )));
    }
    let doing = || format!("preparing the keeper of host {}", config.id);
    let kept: Vec<_> = std::iter::once(answer).chain(held.iter().map(AsFd::as_fd)).collect();
    sys::close_all_but(&kept).doing(doing)?;
    let log = config.socket.with_file_name("keeper.log");
    redirect(&log).doing(|| format!("writing the keeper's log to {}", log.display()))?;
    rustix::process::chdir("/").doing(doing)?;
    rustix::thread::set_name(c"lernhafen-keep").doing(doing)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).doing(doing)?;
    set_child_subreaper(Some(getpid())).doing(doing)?;
    // For host init, too, which inherits it. Who lacks the capability for it relies on the canary alone.
    let _ = adjust_oom_score(-1000);
    raise_file_limit().doing(doing)?;
    if held.len() != usize::from(config.disk.is_some()) + usize::from(config.router) {
        return Err(invalid(format!("host {} comes with other files than it is to have", config.id)));
    }
    let mut held = held.into_iter();
    let disk = config.disk.as_ref().and_then(|_| held.next());
    let router = held.next();
    if let (Some(over), Some(disk)) = (&config.disk, &disk) {
        disk::put_over(disk, over)?;
    }
    let (listener, socket) = listen(&config.socket).doing(|| format!("listening at {}", config.socket.display()))?;
    let supervisor = Supervisor::new(config, listener, disk, router).map_err(|error| Failure {
        kind: FailureKind::System,
        message: format!("preparing a keeper's event loop: {error}"),
    })?;
    Ok((supervisor, socket))
}

/// Standard input and output become `/dev/null`; errors go to the keeper's log.
fn redirect(log: &Path) -> io::Result<()> {
    let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    let log = OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW).open(log)?;
    if log.metadata()?.len() > MOST_COMPLAINTS as u64 {
        log.set_len(0)?;
    }
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&log)?;
    Ok(())
}

/// Room for the streams of as many processes as there may be, with clients: a keeper that can't open files can't be
/// reached. What containers get is in their specs.
fn raise_file_limit() -> io::Result<()> {
    const ENOUGH: u64 = 16_384;
    let limits = getrlimit(Resource::Nofile);
    let current = limits.maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(current), ..limits })?)
}

/// A socket that can be connected to from the moment that its path exists.
fn listen(path: &Path) -> io::Result<(OwnedFd, Socket)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let listener = rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
    let temporary = path.with_extension(format!("{}.tmp", getpid().as_raw_nonzero()));
    rustix::net::bind(&listener, &SocketAddrUnix::new(&temporary)?)?;
    let ready = || -> io::Result<u64> {
        fs::set_permissions(&temporary, Permissions::from_mode(0o600))?;
        rustix::net::listen(&listener, 16)?;
        let inode = fs::symlink_metadata(&temporary)?.ino();
        fs::rename(&temporary, path)?;
        Ok(inode)
    };
    match ready() {
        Ok(inode) => Ok((listener, Socket { path: path.to_owned(), inode })),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

impl Socket {
    /// Removes it, unless another keeper's is there by now.
    fn remove(&self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}
