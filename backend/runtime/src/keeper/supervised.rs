//! A process as its keeper knows it, from the wish for it until it is forgotten.

use super::engines::Caller;
use super::poller::Source;
use super::protocol::{ProcessState, Status, WORKSTATION};
use super::streams::ProcessStreams;
use crate::failure::Failure;
use rustix::termios::Winsize;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long an exited process's output is waited for when an orphan keeps it open.
pub(super) const GRACE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Supervised {
    /// Its number in the keeper's own books; unlike the id it is never used again.
    pub key: u32,
    pub id: String,
    /// The container that an exec runs in.
    pub container: Option<String>,
    /// Where a container's spec is.
    pub bundle: Option<PathBuf>,
    /// Whether the kernel ends all its processes with the first one.
    pub own_pids: bool,
    /// The cgroup that goes with it.
    pub cgroup: Option<String>,
    pub stage: Stage,
    /// The builder, until it is reaped.
    pub builder: Option<i32>,
    /// The builder's channel, until it is closed.
    pub channel: Option<Source>,
    /// Who waits for what is under way.
    pub caller: Option<Caller>,
    /// The client's end of a stream, for the answer.
    pub stream: Option<OwnedFd>,
    /// 0 until it is built.
    pub pid: i32,
    pub pidfd: Option<OwnedFd>,
    pub streams: ProcessStreams,
    /// Rows and columns for a terminal that isn't there yet.
    pub size: Option<(u16, u16)>,
    /// It was reaped, but nobody was told yet.
    pub end: Option<End>,
    /// It was ended because the host's memory was used up.
    pub out_of_memory: bool,
}

/// Where a process is in its life.
#[derive(Debug)]
pub(super) enum Stage {
    Building,
    Created,
    /// On its way to `execve`.
    Starting,
    Running {
        started_at: i64,
    },
    Exited(Status),
    /// It must go, and is unknown to all, once what there is of it has ended: then its caller gets this answer.
    Doomed(Verdict),
    /// Forgotten, but for the last bytes that its clients have to read.
    Leaving,
}

/// Why a process must go.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    Failed(Failure),
    Forgotten,
}

/// How a process ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    /// As a shell has it.
    pub code: i32,
    pub finished_at: i64,
    /// Until when its output is waited for.
    pub deadline: Instant,
}

impl Supervised {
    /// What its first process leaves behind where it has no pid namespace of its own.
    pub(super) fn end_the_rest(&self) {
        if let (false, Some(cgroup)) = (self.own_pids, &self.cgroup)
            && let Err(failure) = crate::cgroup::kill(cgroup)
        {
            super::complain(format_args!("{}", failure.message));
        }
    }

    /// What the engines know of it; `None` if they don't. A container that is being built, or must go, is as good as created:
    /// an engine that comes after the one that wanted it has to have it forgotten.
    pub(super) fn state(&self) -> Option<ProcessState> {
        let is_container = self.container.is_none() && self.id != WORKSTATION;
        let status = match self.stage {
            Stage::Building | Stage::Doomed(_) if is_container => Status::Created,
            Stage::Building | Stage::Doomed(_) | Stage::Leaving => return None,
            Stage::Created => Status::Created,
            Stage::Starting => Status::Running { started_at: now() },
            Stage::Running { started_at } => Status::Running { started_at },
            Stage::Exited(status) => status,
        };
        Some(ProcessState { id: self.id.clone(), container: self.container.clone(), pid: self.pid, status })
    }

    /// Whether nobody can ask for it any more.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.stage, Stage::Doomed(_) | Stage::Leaving)
    }

    /// Whether something of it may still run.
    pub(super) fn is_alive(&self) -> bool {
        self.builder.is_some()
            || self.pid != 0 && self.end.is_none() && !matches!(self.stage, Stage::Exited(_) | Stage::Leaving)
    }
}

impl End {
    pub(super) fn new(code: i32) -> Self {
        Self { code, finished_at: now(), deadline: Instant::now() + GRACE }
    }
}

/// Gives a terminal its size, in rows and columns.
pub(super) fn set_size(master: impl AsFd, (rows, columns): (u16, u16)) -> rustix::io::Result<()> {
    rustix::termios::tcsetwinsize(master, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })
}

/// Nanoseconds since the epoch.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_nanos()).unwrap_or(i64::MAX)
}
