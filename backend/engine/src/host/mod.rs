//! A virtual host: what a learner takes for "my Docker host".

use crate::container::{Container, ContainerSpec};
use crate::event::Event;
use crate::image::{Image, ImageSummary};
use crate::{Error, ErrorKind, Result};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{broadcast, mpsc};

/// A running virtual host. Names of containers may be names, ids, or unambiguous beginnings of ids.
#[derive(Debug)]
pub struct VirtualHost {}

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

/// A registered wait: created before the container may end, awaited after.
#[derive(Debug)]
pub struct Waiter {}

/// What [`Waiter::wait`] ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitResult {
    pub status_code: i64,
    pub error: Option<String>,
}

impl Waiter {
    pub async fn wait(self) -> WaitResult {
        WaitResult { status_code: 0, error: None }
    }
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
    pub history: Vec<u8>,
    /// `None` if only the history was asked for. Ends after the process's last byte.
    pub stream: Option<PendingStream>,
}

/// A stream that is there once the container runs: `docker run` attaches before it starts.
#[derive(Debug)]
pub struct PendingStream(pub(crate) tokio::sync::oneshot::Receiver<UnixStream>);

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

/// One line of a container's log (a long one may come in parts: only the last ends with a newline).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub stderr: bool,
    /// Nanoseconds since the epoch.
    pub time: i64,
    pub bytes: Vec<u8>,
}

/// A container's log. Lines come until the log ends (or, following, the container does).
#[derive(Debug)]
pub struct Logs {
    /// Whether the container has a terminal: then lines are sent raw.
    pub tty: bool,
    pub lines: mpsc::Receiver<Result<LogLine>>,
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
    /// 0 before the start.
    pub pid: i32,
}

/// What `docker info` shows of the host itself.
#[derive(Debug, Clone, Default)]
pub struct HostInfo {
    /// Stable for this host.
    pub id: String,
    /// Host name.
    pub name: String,
    pub containers: usize,
    pub running: usize,
    pub stopped: usize,
    pub images: usize,
    /// Processors that it may use, at least 1.
    pub cpus: usize,
    /// Bytes.
    pub memory: u64,
    pub kernel: String,
    /// `PRETTY_NAME` of the workstation's os-release.
    pub operating_system: String,
    pub architecture: &'static str,
    /// `1` or `2`
    pub cgroup_version: &'static str,
}

/// A network as `docker network inspect` shows it.
#[derive(Debug, Clone)]
pub struct Network {
    pub id: String,
    pub name: String,
    /// `bridge`, `host`, `null`.
    pub driver: String,
    pub subnet: Option<ipnet::Ipv4Net>,
    pub gateway: Option<std::net::Ipv4Addr>,
    /// Nanoseconds since the epoch.
    pub created: i64,
    /// The running containers in it.
    pub containers: Vec<Container>,
}

fn not_yet<T>(what: &str) -> Result<T> {
    Err(Error::new(ErrorKind::NotImplemented, format!("{what} is not there yet")))
}

#[allow(unused_variables)]
impl VirtualHost {
    pub async fn create_container(&self, spec: ContainerSpec) -> Result<CreatedContainer> {
        not_yet("create")
    }
    pub async fn start_container(&self, name: &str) -> Result<()> {
        not_yet("start")
    }
    /// `timeout` in seconds; negative: forever.
    pub async fn stop_container(&self, name: &str, signal: Option<&str>, timeout: Option<i64>) -> Result<()> {
        not_yet("stop")
    }
    pub async fn restart_container(&self, name: &str, signal: Option<&str>, timeout: Option<i64>) -> Result<()> {
        not_yet("restart")
    }
    /// `signal` as a name with or without `SIG`, or a number; `None`: `SIGKILL`.
    pub async fn kill_container(&self, name: &str, signal: Option<&str>) -> Result<()> {
        not_yet("kill")
    }
    pub async fn remove_container(&self, name: &str, force: bool) -> Result<()> {
        not_yet("remove")
    }
    pub async fn wait_container(&self, name: &str, condition: WaitCondition) -> Result<Waiter> {
        not_yet("wait")
    }
    pub async fn resize_container(&self, name: &str, rows: u16, cols: u16) -> Result<()> {
        not_yet("resize")
    }
    pub async fn attach_container(&self, name: &str, options: AttachOptions) -> Result<Attached> {
        not_yet("attach")
    }
    pub async fn logs(&self, name: &str, options: LogOptions) -> Result<Logs> {
        not_yet("logs")
    }
    pub fn container(&self, name: &str) -> Result<Container> {
        not_yet("inspect")
    }
    /// Newest first.
    pub fn containers(&self, options: &ListOptions) -> Result<Vec<Container>> {
        not_yet("list")
    }
    /// Answers with the exec's id.
    pub async fn create_exec(&self, container: &str, spec: ExecSpec) -> Result<String> {
        not_yet("exec")
    }
    /// With `detach`: `None`, once the process runs.
    pub async fn start_exec(&self, id: &str, detach: bool, console_size: Option<[u16; 2]>) -> Result<Option<Attached>> {
        not_yet("exec")
    }
    /// Waits (shortly) for the process if it is not there yet.
    pub async fn resize_exec(&self, id: &str, rows: u16, cols: u16) -> Result<()> {
        not_yet("exec")
    }
    pub fn exec(&self, id: &str) -> Result<ExecState> {
        not_yet("exec")
    }
    pub fn images(&self) -> Result<Vec<ImageSummary>> {
        not_yet("images")
    }
    /// By name, name:tag, id, or an unambiguous beginning of an id.
    pub fn image(&self, name: &str) -> Result<Image> {
        not_yet("images")
    }
    /// What has happened since the engine started (a bounded number), and what will.
    pub fn events(&self) -> (Vec<Event>, broadcast::Receiver<Event>) {
        (Vec::new(), broadcast::channel(1).1)
    }
    pub fn networks(&self) -> Result<Vec<Network>> {
        not_yet("networks")
    }
    pub fn info(&self) -> Result<HostInfo> {
        not_yet("info")
    }

    /// The learner's shell number `terminal` in the workstation: begun if it isn't running, else found again.
    /// The stream begins with `replayed` old bytes (at most 128 KiB) that restore the screen.
    pub async fn shell(&self, terminal: u8, rows: u16, cols: u16) -> Result<Shell> {
        not_yet("shell")
    }
    pub async fn resize_shell(&self, terminal: u8, rows: u16, cols: u16) -> Result<()> {
        not_yet("shell")
    }
    /// What the host may use: memory in bytes, processes, thousandths of a processor.
    pub fn limits(&self) -> runtime::keeper::protocol::HostLimits {
        runtime::keeper::protocol::HostLimits { memory: 0, pids: 0, millicpus: 0 }
    }
    pub fn hostname(&self) -> &str {
        ""
    }
    pub fn id(&self) -> &str {
        ""
    }
    /// The listening socket of the workstation's `/var/run/docker.sock`, the first time that it is asked for:
    /// whoever takes it serves the Docker API on it.
    pub fn take_listener(&self) -> Option<UnixListener> {
        None
    }
}

/// A connection to a shell's terminal.
#[derive(Debug)]
pub struct Shell {
    pub stream: UnixStream,
    pub replayed: usize,
}
