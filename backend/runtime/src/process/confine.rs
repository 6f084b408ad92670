//! The last steps before `execve`, the same for init and for exec: from the host's root to what the spec allows.

use super::capabilities::Sets;
use super::streams::Inner;
use super::{command, environment, rlimits};
use crate::failure::{Doing, Failure, FailureKind, Result, invalid, reason};
use crate::seccomp::Filter;
use crate::sys;
use oci_spec::runtime::Process;
use rustix::fs::{Gid, Mode, OFlags, ResolveFlags, Uid, fchown, openat2};
use rustix::io::Errno;
use rustix::process::{fchdir, getcwd, setsid, umask};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
use rustix::thread::{
    CapabilitySet, set_keep_capabilities, set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

/// What becomes standard input, output and error.
#[derive(Debug)]
pub(crate) struct Stdio<'a> {
    fds: [BorrowedFd<'a>; 3],
    terminal: bool,
}

impl<'a> Stdio<'a> {
    /// A terminal, or else pipes.
    pub(crate) fn of(terminal: Option<&'a OwnedFd>, streams: Option<&'a Inner>) -> Result<Self> {
        use std::os::fd::AsFd;
        match (terminal, streams) {
            (Some(slave), _) => Ok(Self { fds: [slave.as_fd(); 3], terminal: true }),
            (None, Some(streams)) => Ok(Self { fds: streams.fds(), terminal: false }),
            (None, None) => Err(invalid("a process needs a terminal or streams")),
        }
    }
}

/// Confines the calling process and makes it the command of `process`. Returns only if that fails.
pub(crate) fn confine_and_exec(process: &Process, filter: &Filter, stdio: &Stdio) -> Failure {
    match confine(process, filter, stdio) {
        Ok(never) => match never {},
        Err(failure) => failure,
    }
}

fn confine(process: &Process, filter: &Filter, stdio: &Stdio) -> Result<std::convert::Infallible> {
    session(process, stdio)?;
    sys::close_all_on_exec().doing(|| "closing files".into())?;
    sys::reset_signals().doing(|| "resetting signals".into())?;
    umask(Mode::from_raw_mode(process.user().umask().unwrap_or(0o022)));
    rlimits::apply(process)?;
    change_directory(process.cwd())?;

    let sets = Sets::of(process);
    sets.bound()?;
    change_user(process)?;
    let no_new_privileges = process.no_new_privileges() == Some(true);
    if no_new_privileges {
        set_no_new_privs(true).doing(|| "forbidding new privileges".into())?;
    }
    // Whoever may gain privileges must have this one to filter system calls.
    let for_filter = if no_new_privileges { CapabilitySet::empty() } else { CapabilitySet::SYS_ADMIN };
    sets.apply(for_filter)?;
    let environment = environment::of(process)?;
    let command = command::find(process)?;
    // From here on the filter holds for us too: as few calls as possible.
    filter.install()?;
    if !no_new_privileges {
        sets.apply(CapabilitySet::empty())?;
    }
    command.execute(&environment)
}

/// A session of its own, so that it has no other terminal than the one it gets.
fn session(process: &Process, stdio: &Stdio) -> Result<()> {
    let step = || "setting up standard input and output".to_owned();
    setsid().doing(|| "starting a session".into())?;
    let [stdin, stdout, stderr] = stdio.fds;
    if stdio.terminal {
        sys::set_controlling_terminal(stdin).doing(|| "taking control of the terminal".into())?;
        fchown(stdin, Some(Uid::from_raw(process.user().uid())), None::<Gid>).doing(step)?;
    }
    dup2_stdin(stdin).and_then(|()| dup2_stdout(stdout)).and_then(|()| dup2_stderr(stderr)).doing(step)
}

/// A working directory that is not inside the root would be a door to the machine (CVE-2024-21626): no magic links are
/// followed, and where we are is asked afterwards.
fn change_directory(path: &Path) -> Result<()> {
    let failed = |error: Errno| {
        let kind = match error {
            Errno::NOENT | Errno::NOTDIR => FailureKind::CommandNotFound,
            Errno::ACCESS => FailureKind::CommandNotExecutable,
            _ => FailureKind::Invalid,
        };
        Failure {
            kind,
            message: format!("chdir to cwd ({path:?}) set in config.json failed: {}", reason(&error.into())),
        }
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let found = openat2(rustix::fs::CWD, path, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS).map_err(failed)?;
    fchdir(found).map_err(failed)?;
    // The kernel says `(unreachable)` of what is outside.
    match getcwd(Vec::new()).map_err(failed)?.as_bytes().first() {
        Some(b'/') => Ok(()),
        _ => Err(invalid(format!("the working directory {} is outside of the container", path.display()))),
    }
}

fn change_user(process: &Process) -> Result<()> {
    let user = process.user();
    let step = || format!("becoming user {} in group {}", user.uid(), user.gid());
    let groups: Vec<Gid> = user.additional_gids().iter().flatten().copied().map(Gid::from_raw).collect();
    let (uid, gid) = (Uid::from_raw(user.uid()), Gid::from_raw(user.gid()));
    // Otherwise the change would drop all capabilities at once.
    set_keep_capabilities(true)
        .and_then(|()| set_thread_groups(&groups))
        .and_then(|()| set_thread_res_gid(gid, gid, gid))
        .and_then(|()| set_thread_res_uid(uid, uid, uid))
        .and_then(|()| set_keep_capabilities(false))
        .doing(step)
}
