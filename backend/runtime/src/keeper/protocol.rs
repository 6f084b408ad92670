//! What the engine and a keeper say to each other.
//!
//! One JSON value per `SOCK_SEQPACKET` packet. Requests carry a `seq` that the reply repeats; events carry none.
//! File descriptors travel beside the packet (`SCM_RIGHTS`), in the order that each variant documents.

use super::hello::Hello;
use crate::cgroup::HostLimits;
use crate::failure::Failure;
use crate::files::protocol::Wish;
use crate::process::{Bind, Io, Rootfs};
use oci_spec::runtime::{LinuxNamespaceType, Mount, Process, Spec};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    /// Who has a process's terminal, and how it is set. Answered with [`Reply::Terminal`].
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

impl Request {
    /// The first version of the protocol that has all of it. A keeper hangs up on requests that it doesn't know, and passes over fields
    /// that it doesn't know: whoever adds either makes a new [`VERSION`](super::VERSION), and says here when it is needed.
    pub fn since(&self) -> u32 {
        match self {
            Self::Terminal { .. } => 2,
            Self::Create(create) if !create.binds.is_empty() => 4,
            Self::Files(files) if !files.binds.is_empty() || matches!(files.wish, Wish::Find { .. }) => 4,
            Self::Hello
            | Self::Create(_)
            | Self::Start { .. }
            | Self::Exec(_)
            | Self::Attach(_)
            | Self::Resize { .. }
            | Self::Signal { .. }
            | Self::Files(_)
            | Self::Forget { .. }
            | Self::Shutdown => 1,
        }
    }
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
    /// What of the host it has mounted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binds: Vec<Bind>,
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

/// A wish for a container's files. Answered with [`Reply::Files`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Files {
    pub container: String,
    /// Where the files are if it doesn't run. It must not start before the answer has come to its end.
    pub rootfs: Rootfs,
    /// The engine's own files in it: what else it has mounted belongs to the kernel, or goes with its processes, and isn't seen.
    pub mounts: Vec<Mount>,
    /// What of the host it has mounted; or the volume that [`Wish::Populate`] is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binds: Vec<Bind>,
    pub wish: Wish,
}

/// What the keeper answers.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Comes once host init runs. fds: see [`Hello::files`].
    Hello(Hello),
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
