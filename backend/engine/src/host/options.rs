//! What the verbs of a virtual host take and give.

use super::History;
use crate::Result;
use std::collections::BTreeMap;
use std::ops::Range;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};

/// Answer of [`VirtualHost::create_container`].
#[derive(Debug)]
pub struct CreatedContainer {
    pub id: String,
    pub warnings: Vec<String>,
}

/// When [`VirtualHost::wait_container`] is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaitCondition {
    #[default]
    NotRunning,
    NextExit,
    Removed,
}

/// What [`Waiter::wait`] ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitResult {
    pub status_code: i64,
    pub error: Option<String>,
}

/// Which streams to connect.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttachOptions {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    /// First what the log has (`logs=1`).
    pub logs: bool,
    /// Then what comes (`stream=1`).
    pub stream: bool,
}

/// A connection to a process's streams.
#[derive(Debug)]
pub struct Attached {
    /// Whether the bytes are a terminal's (raw) or framed as Docker does (8-byte headers).
    pub tty: bool,
    /// Log lines to send before the stream's bytes, already framed if `tty` is false.
    pub history: History,
    /// `None` if only the history was asked for. Ends after the process's last byte.
    pub stream: Option<PendingStream>,
}

/// A stream that is there once the container runs: `docker run` attaches before it starts.
#[derive(Debug)]
pub struct PendingStream(pub(crate) oneshot::Receiver<UnixStream>);

impl PendingStream {
    /// Waits for the container's next start. `None`: it was removed instead, or the start failed.
    pub async fn connected(self) -> Option<UnixStream> {
        self.0.await.ok()
    }
}

/// Which log lines to read. Times are nanoseconds since the epoch.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    pub stdout: bool,
    pub stderr: bool,
    pub follow: bool,
    /// Last so many lines; `None`: all.
    pub tail: Option<usize>,
    pub since: Option<i64>,
    pub until: Option<i64>,
}

/// Some lines of a container's log, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LogBatch {
    pub lines: Vec<LogLine>,
    /// The output of all of them, one after the other.
    pub text: Vec<u8>,
}

/// One line of a container's log (a long one may come in parts: only the last ends with a newline).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub stderr: bool,
    /// Nanoseconds since the epoch.
    pub time: i64,
    /// Where its bytes are in [`LogBatch::text`].
    pub text: Range<usize>,
}

/// A container's log. Lines come until the log ends (or, following, the container does).
#[derive(Debug)]
pub struct Logs {
    /// Whether the container has a terminal: then lines are sent raw.
    pub tty: bool,
    /// What `--log-opt labels=…` and `env=…` add to every line for those who ask for details.
    pub details: BTreeMap<String, String>,
    pub batches: mpsc::Receiver<Result<LogBatch>>,
}

/// Which containers to list.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// Also those that don't run.
    pub all: bool,
    /// The newest so many, running or not.
    pub limit: Option<usize>,
    /// `filters`, name to values: `status`, `name`, `id`, `label`, `ancestor`, `exited`, `before`, `since`, … An unknown one is refused.
    pub filters: Vec<(String, Vec<String>)>,
}

/// What a client asks for with `docker exec`.
#[derive(Debug, Clone, Default)]
pub struct ExecSpec {
    pub cmd: Vec<String>,
    pub env: Vec<String>,
    /// Empty: the container's.
    pub user: String,
    /// Empty: the container's.
    pub working_dir: String,
    pub tty: bool,
    pub attach_stdin: bool,
    pub attach_stdout: bool,
    pub attach_stderr: bool,
    pub privileged: bool,
    /// Rows and columns; 0: 24×80.
    pub console_size: [u16; 2],
    /// Keys that leave it, as the client wrote them; empty: Docker's.
    pub detach_keys: String,
}

/// An exec as `inspect` shows it.
#[derive(Debug, Clone)]
pub struct ExecState {
    pub id: String,
    pub container_id: String,
    pub spec: ExecSpec,
    pub running: bool,
    /// `None` until it has ended.
    pub exit_code: Option<i32>,
    /// As the virtual host sees it: 0 before the start, and kept after the end.
    pub pid: i32,
}
