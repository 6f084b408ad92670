//! The machine's `/proc`, kept open where no path leads to it any more.

use crate::failure::{Doing, Result, invalid};
use rustix::fs::{CWD, Mode, OFlags, fstatfs, openat, readlinkat};
use std::os::fd::OwnedFd;

const PROC_MAGIC: i64 = 0x9fa0;

/// A process's id as its virtual host sees it; 0 if it was reaped.
pub fn visible_pid(pid: i32) -> i32 {
    let status = std::fs::read(format!("/proc/{pid}/status")).unwrap_or_default();
    let status = String::from_utf8_lossy(&status);
    // The machine's own first.
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    ids.split_whitespace().nth(1).and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// The machine's `/proc`.
#[derive(Debug)]
pub(crate) struct MachineProc(OwnedFd);

impl MachineProc {
    pub(crate) fn open() -> Result<Self> {
        let proc = openat(CWD, c"/proc", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
            .doing(|| "opening /proc".into())?;
        match fstatfs(&proc).doing(|| "looking at /proc".into())?.f_type {
            PROC_MAGIC => Ok(Self(proc)),
            _ => Err(invalid("/proc of the machine is not a proc file system")),
        }
    }

    /// The caller's pid as the machine sees it, in whatever pid namespace the caller is.
    pub(crate) fn own_pid(&self) -> Result<i32> {
        let name = readlinkat(&self.0, c"self", Vec::new()).doing(|| "reading /proc/self".into())?;
        let pid = name.to_str().ok().and_then(|name| name.parse().ok());
        pid.ok_or_else(|| invalid("/proc/self of the machine does not name a process"))
    }
}
