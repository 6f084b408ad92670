//! What the engine and a keeper say to each other.
//!
//! One JSON value per `SOCK_SEQPACKET` packet. Requests carry a `seq` that the reply repeats; events carry none.
//! File descriptors travel beside the packet (`SCM_RIGHTS`), in the order that each variant documents.

use crate::files::protocol::Files;
use oci_spec::runtime::{LinuxNamespaceType, Process, Spec};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Longest packet either side accepts, in bytes. The specs themselves travel in files.
pub const MAX_PACKET: usize = 128 * 1024;

/// A request with the number that its reply repeats.
#[derive(Debug, Serialize, Deserialize)]
pub struct Numbered<T> {
    pub seq: u64,
    pub body: T,
}

/// What the engine asks for.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Who is there? Answered with [`Reply::Hello`].
    Hello,
    /// Build a container up to the point before `execve`. Answered with [`Reply::Created`] or [`Reply::Failed`].
    Create(Box<Create>),
    /// Let a created container run. Answered once `execve` has succeeded ([`Reply::Started`]) or failed.
    Start { id: String },
    /// Run one more process in a running container (or in the workstation, see [`WORKSTATION`]).
    /// Answered with [`Reply::Started`] once `execve` has succeeded.
    Exec(Box<Exec>),
    /// Connect to a process's streams. Answered with [`Reply::Attached`].
    Attach(Attach),
    /// Set the size of a process's terminal.
    Resize { id: String, rows: u16, cols: u16 },
    /// Who has a process's terminal, and how it is set. Answered with [`Reply::Terminal`]. Not known before version 2.
    Terminal { id: String },
    /// Send a signal to a process (`all`: to every process in its cgroup).
    Signal { id: String, signal: i32, all: bool },
    /// Read or write a container's files. Answered with [`Reply::Files`].
    Files(Box<Files>),
    /// Forget an exited (or only created, never started: it is killed) process and remove its cgroup.
    Forget { id: String },
    /// Kill everything of this host, remove its cgroup, exit. Answered just before the exit.
    Shutdown,
}

/// Id under which the workstation's own first process (host init) is known; `Exec` into it gives a shell.
pub const WORKSTATION: &str = "workstation";

/// A container to build.
#[derive(Debug, Serialize, Deserialize)]
pub struct Create {
    /// The container's id; unique in this keeper among containers and execs.
    pub id: String,
    /// Namespaces of other containers that it shares: its spec lists none of those kinds.
    #[serde(default)]
    pub join: Vec<Join>,
    /// Directory with `config.json`, an OCI runtime spec. Its `root.path` is not used: see `rootfs`.
    pub bundle: PathBuf,
    pub rootfs: Rootfs,
    pub io: Io,
    /// Keep stdout and stderr as Docker's `json-file`.
    pub log: Option<LogFile>,
}

/// Where output is kept, and how much of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogFile {
    /// Made (0600) if it isn't there, appended to if it is. Older files are beside it: `<path>.1` is the one before.
    pub path: PathBuf,
    /// Bytes from which on the next entry goes into a new file; 0: there is only one file, and no end to it.
    pub max_size: u64,
    /// Files at most, the newest included.
    pub max_files: u32,
}

/// A namespace of another container, which must be running.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Join {
    pub kind: LinuxNamespaceType,
    pub container: String,
}

/// Where a root file system comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Rootfs {
    /// Read-only layers, topmost first, owned by the machine's root and mounted idmapped into the host's range;
    /// `upper` and `work` are already owned by that range.
    Overlay { lower: Vec<PathBuf>, upper: PathBuf, work: PathBuf },
    /// An empty tmpfs: for a virtual host without a workstation.
    Empty,
}

/// A process to add to a running container.
#[derive(Debug, Serialize, Deserialize)]
pub struct Exec {
    /// The exec's id; unique in this keeper among containers and execs.
    pub id: String,
    /// The container's id, or [`WORKSTATION`].
    pub container: String,
    pub process: Process,
    pub io: Io,
    /// Last bytes of a terminal's output kept for [`Attach::replay`], in bytes; 0 keeps none.
    pub ring: usize,
    /// Connect these streams before the process runs, so that nothing is lost; the reply carries the stream.
    pub attach: Option<Streams>,
}

/// Streams of a process.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Streams {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

/// How a process is connected. With `terminal` in the spec, stdout and stderr are one stream.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Io {
    /// Keep stdin open (`docker run -i`); otherwise it is `/dev/null`.
    pub stdin: bool,
    /// Close stdin when the first attached client closes its write side (`StdinOnce`).
    pub stdin_once: bool,
}

/// A connection to a process's streams.
#[derive(Debug, Serialize, Deserialize)]
pub struct Attach {
    pub id: String,
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    /// Begin with what the ring still holds.
    pub replay: bool,
}

/// What the keeper answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Comes once host init runs. fds: user namespace, network namespace, and, if the host has them, the listening engine socket,
    /// with `disk` the root of its disk, and with `router` what [`HostConfig::router`] is about.
    Hello {
        pid: i32,
        init: i32,
        version: u32,
        processes: Vec<ProcessState>,
        #[serde(default)]
        disk: bool,
        #[serde(default)]
        router: bool,
    },
    /// fds: the container's network namespace, if it has one of its own.
    Created {
        pid: i32,
    },
    /// fds: the stream, if [`Exec::attach`] asked for one.
    /// `visible_pid`: of an exec, as the virtual host sees it; it may have ended by the time that this is read.
    Started {
        pid: i32,
        #[serde(default)]
        visible_pid: i32,
    },
    /// fds: the stream. `replayed` is how many bytes at its beginning are old ones.
    Attached {
        replayed: usize,
    },
    /// `pid` is the process itself, `foreground` the process group that reads the terminal (of the machine's ids, both; 0: none is
    /// there), `canonical` whether the terminal hands out whole lines, as it does to programs that haven't asked for single keys.
    Terminal {
        pid: i32,
        foreground: i32,
        canonical: bool,
    },
    /// fds: a helper's `SOCK_SEQPACKET`, over which it says how it goes ([`crate::files::protocol::Said`]), and a stream for the archive.
    Files,
    Done,
    Failed(Failure),
}

/// What the keeper says unasked, to every connected engine.
#[derive(Debug, Serialize, Deserialize)]
pub enum Event {
    Exited(ProcessState),
    /// The host's memory was used up, and what had taken it was killed. A container's [`Event::Exited`] follows.
    OutOfMemory(OutOfMemory),
}

/// Who was killed because the host's memory was used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfMemory {
    pub victim: Victim,
    /// Bytes that it had: a container all, what runs in the workstation together.
    pub held: u64,
}

/// What had taken the memory of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Victim {
    Container {
        id: String,
    },
    /// A process in the workstation, and those that its shell began with it. `pid` is its number there, 0 if that isn't known.
    Process {
        pid: i32,
        command: String,
        /// It was a learner's shell itself.
        shell: bool,
    },
}

/// Anything that a keeper sends.
#[derive(Debug, Serialize, Deserialize)]
pub enum Message {
    Reply(Numbered<Reply>),
    Event(Event),
}

/// A process as the keeper knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessState {
    pub id: String,
    /// The container that an exec runs in; `None` for a container's own init.
    pub container: Option<String>,
    /// Process id as the machine sees it.
    pub pid: i32,
    pub status: Status,
}

/// Where a process is in its life. Times are nanoseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Built, waiting for [`Request::Start`].
    Created,
    Running {
        started_at: i64,
    },
    /// `code` as a shell has it: 128 + signal for a killed one. `started_at` is 0 if it never ran. `oom_killed` is known of
    /// containers only.
    Exited {
        started_at: i64,
        finished_at: i64,
        code: i32,
        oom_killed: bool,
    },
}

/// Why something didn't work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// A sentence for people, naming what it happened to.
    pub message: String,
}

/// What a client can do about a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// No process of that id.
    NotFound,
    /// Not possible in the state that it is in.
    Conflict,
    /// The program, or its working directory, isn't in the container (shells: 127).
    CommandNotFound,
    /// The program can't be executed, or its working directory not be entered (shells: 126).
    CommandNotExecutable,
    /// There is no way to the program, or none that ends.
    CommandUnusable,
    /// The spec or the request asks for what can't be.
    Invalid,
    /// The system refused; the message says which call.
    System,
}

/// How a new keeper is told about its virtual host; the zygote passes it on as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub struct HostConfig {
    /// The host's id: `[a-z0-9]{1,32}`; names its cgroup.
    pub id: String,
    /// Where the keeper listens. Its directory exists.
    pub socket: PathBuf,
    /// First id of the host's 65,536 on this machine.
    pub id_base: u32,
    /// OCI spec of host init: hostname, mounts, limits of the *workstation*; its `process` is the default for shells.
    pub spec: Spec,
    pub rootfs: Rootfs,
    pub limits: HostLimits,
    /// Bind the engine's socket at this path inside the workstation (group 0, mode 0660), if at all.
    pub engine_socket: Option<PathBuf>,
    /// Directory over which the keeper puts the host's disk, for itself and what it forks. Beside this: the disk, mounted nowhere yet.
    #[serde(default)]
    pub disk: Option<PathBuf>,
    /// Whether the keeper gets the network namespace that the host's cable leads to, to hold it for the server after this one. Beside
    /// this, after the disk.
    #[serde(default)]
    pub router: bool,
}

/// What a whole virtual host may use.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HostLimits {
    /// Bytes of memory, all processes together; swap counts as memory.
    pub memory: u64,
    /// Number of processes and threads.
    pub pids: u64,
    /// Processor time in thousandths of one processor.
    pub millicpus: u64,
}
