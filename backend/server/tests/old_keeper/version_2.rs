//! Version 2 of the keeper's protocol, as commit 304c6e4 had it: every word of it, so that nothing of today's slips through. Requests
//! are refused if they have anything more; replies and events lose it. Documents of OCI's are passed on as they are.

#![allow(dead_code, reason = "read to be sure of their form")]

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) seq: u64,
    pub(crate) body: Request,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Request {
    Hello,
    Create(Create),
    Start { id: String },
    Exec(Exec),
    Attach(Attach),
    Resize { id: String, rows: u16, cols: u16 },
    Terminal { id: String },
    Signal { id: String, signal: i32, all: bool },
    Files(Files),
    Forget { id: String },
    Shutdown,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Create {
    id: String,
    #[serde(default)]
    join: Vec<Join>,
    bundle: PathBuf,
    rootfs: Rootfs,
    io: Io,
    log: Option<LogFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogFile {
    path: PathBuf,
    max_size: u64,
    max_files: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    kind: Value,
    container: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Rootfs {
    Overlay { lower: Vec<PathBuf>, upper: PathBuf, work: PathBuf },
    Empty,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exec {
    id: String,
    container: String,
    process: Value,
    io: Io,
    ring: usize,
    attach: Option<Streams>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Streams {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Io {
    stdin: bool,
    stdin_once: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attach {
    id: String,
    stdin: bool,
    stdout: bool,
    stderr: bool,
    replay: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Files {
    container: String,
    rootfs: Rootfs,
    mounts: Vec<Value>,
    wish: Wish,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Wish {
    Stat { path: String },
    Read { path: String },
    ReadAll,
    MakeDirectory { path: String },
    Write { path: String, options: WriteOptions },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteOptions {
    no_overwrite_dir_non_dir: bool,
    owner: Option<(u32, u32)>,
    read_only: bool,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Said {
    Reply(Answer),
    Event(Event),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    seq: u64,
    pub(crate) body: Reply,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Reply {
    Hello { pid: i32, init: i32, version: u32, processes: Vec<ProcessState>, disk: bool, router: bool },
    Created { pid: i32 },
    Started { pid: i32, visible_pid: i32 },
    Attached { replayed: usize },
    Terminal { pid: i32, foreground: i32, canonical: bool },
    Files,
    Done,
    Failed(Failure),
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Event {
    Exited(ProcessState),
    OutOfMemory(OutOfMemory),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct OutOfMemory {
    victim: Victim,
    held: u64,
}

#[derive(Serialize, Deserialize)]
enum Victim {
    Container { id: String },
    Process { pid: i32, command: String, shell: bool },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ProcessState {
    id: String,
    container: Option<String>,
    pid: i32,
    status: Status,
}

#[derive(Serialize, Deserialize)]
enum Status {
    Created,
    Running { started_at: i64 },
    Exited { started_at: i64, finished_at: i64, code: i32, oom_killed: bool },
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Failure {
    kind: FailureKind,
    message: String,
}

#[derive(Serialize, Deserialize)]
enum FailureKind {
    NotFound,
    Conflict,
    CommandNotFound,
    CommandNotExecutable,
    CommandUnusable,
    Invalid,
    System,
}
