//! Standard input, output and error of a process that has no terminal.

use crate::failure::{Doing, Result};
use oci_spec::runtime::Process;
use rustix::fs::{Gid, Uid, fchown};
use rustix::pipe::{PipeFlags, pipe_with};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How a process is connected. With `terminal` in the spec, stdout and stderr are one stream.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Io {
    /// Keep stdin open (`docker run -i`); otherwise it is `/dev/null`.
    pub stdin: bool,
    /// Close stdin when the first attached client closes its write side (`StdinOnce`).
    pub stdin_once: bool,
}

/// The ends that the process gets, in the order of their numbers.
#[derive(Debug)]
pub(crate) struct Inner(pub(crate) [OwnedFd; 3]);

/// The caller's ends.
#[derive(Debug, Default)]
pub(crate) struct Outer {
    pub(crate) stdin: Option<OwnedFd>,
    pub(crate) stdout: Option<OwnedFd>,
    pub(crate) stderr: Option<OwnedFd>,
}

/// Pipes, owned by the process's user: `/dev/stdout` is opened by its name, which asks for the right to.
pub(crate) fn open(io: Io, process: &Process, id_base: u32) -> Result<(Inner, Outer)> {
    let step = || "making pipes for a process".to_owned();
    let owned = |end: OwnedFd| -> Result<OwnedFd> {
        let uid = Uid::from_raw(id_base.saturating_add(process.user().uid()));
        let gid = Gid::from_raw(id_base.saturating_add(process.user().gid()));
        fchown(&end, Some(uid), Some(gid)).doing(step)?;
        Ok(end)
    };
    let (stdin, to_stdin) = if io.stdin {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC).doing(step)?;
        (owned(reader)?, Some(writer))
    } else {
        (File::open("/dev/null").doing(|| "opening /dev/null".into())?.into(), None)
    };
    let (from_stdout, stdout) = pipe_with(PipeFlags::CLOEXEC).doing(step)?;
    let (from_stderr, stderr) = pipe_with(PipeFlags::CLOEXEC).doing(step)?;
    let inner = Inner([stdin, owned(stdout)?, owned(stderr)?]);
    Ok((inner, Outer { stdin: to_stdin, stdout: Some(from_stdout), stderr: Some(from_stderr) }))
}

impl Inner {
    pub(crate) fn fds(&self) -> [BorrowedFd<'_>; 3] {
        let [stdin, stdout, stderr] = &self.0;
        [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()]
    }
}
