//! From an OCI spec to a confined process.
//!
//! Everything here is called by a keeper, which is single-threaded and never blocks: each call forks a *builder* and
//! returns at once with a [`Building`], whose channel tells how it goes. The process that results is the caller's child
//! (`CLONE_PARENT`), whatever namespaces it lives in: `waitid` on its pid (or pidfd) gives its end.
//! A container's init that ends takes all processes of its pid namespace with it, and isn't waitable until the caller has reaped
//! those of them that are its children, the execs: wait for all children, not for one.
//! See `docs/ARCHITECTURE.md`, "Starting a container".

mod binds;
mod canary;
mod capabilities;
mod cgroupfs;
mod check;
mod command;
mod confine;
mod console;
mod container;
mod devices;
mod environment;
mod exec;
mod files;
mod host_init;
mod inside;
mod launch;
mod machine;
mod mask;
mod mounts;
mod namespaces;
mod options;
mod overlay;
mod rlimits;
mod root;
mod shm;
mod streams;

pub use binds::{Access, Bind, Source};
pub use canary::fork_canary;
pub use container::fork_container;
pub use exec::fork_exec;
pub use files::{FilesHelper, NewFiles, fork_files};
pub use host_init::fork_host_init;
pub(crate) use launch::adjust_oom_score;
pub use machine::visible_pid;
pub use overlay::Rootfs;
pub use streams::Io;

use crate::failure::Failure;
use oci_spec::runtime::{LinuxNamespaceType, Process, Spec};
use serde::{Deserialize, Serialize};
use std::os::fd::OwnedFd;

/// Namespaces and place of a virtual host, as its keeper holds them.
#[derive(Debug)]
pub struct Host {
    /// First id of the host's 65,536 on this machine.
    pub id_base: u32,
    pub user_namespace: OwnedFd,
    /// The pid namespace of host init; containers' pid namespaces are made below it.
    pub pid_namespace: OwnedFd,
    /// Pid of host init (the caller's child, not yet reaped): a namespace that a spec does not list is shared with it.
    pub init: i32,
    /// Path of the host's cgroup below each hierarchy's root: `lernhafen/<id>`.
    pub cgroup: String,
}

/// A process that is being built.
#[derive(Debug)]
pub struct Building {
    /// The builder: exits (and must be reaped) once it has done its part. Only then is the process the caller's child.
    pub builder: i32,
    /// `SOCK_SEQPACKET`; carries [`BuildMessage`]s as JSON, with fds beside them. For a container, the caller writes one byte to let it
    /// `execve`. End of file without [`BuildMessage::Failed`] after that means that `execve` succeeded; before
    /// [`BuildMessage::Ready`] it means that the builder was killed, for want of memory for example.
    pub channel: OwnedFd,
    /// The caller's ends of the process's streams; all `None` with a terminal (its master comes in [`BuildMessage::Ready`]).
    pub stdin: Option<OwnedFd>,
    pub stdout: Option<OwnedFd>,
    pub stderr: Option<OwnedFd>,
}

/// What comes through [`Building::channel`].
#[derive(Debug, Serialize, Deserialize)]
pub enum BuildMessage {
    /// Built: `pid` as the caller's pid namespace sees it. fds, in this order, each if the flag says so:
    /// pidfd (always), terminal master, network namespace (of its own), listening engine socket (host init only).
    Ready { pid: i32, terminal: bool, network_namespace: bool, engine_socket: bool },
    /// It won't be. Before [`Self::Ready`]: nothing of it is left once the builder has exited, except its cgroup, which the caller
    /// removes. After it: the process is about to exit, and is the caller's to reap.
    Failed(Failure),
}

/// What host init is made from.
#[derive(Debug)]
pub struct HostInit<'a> {
    pub id_base: u32,
    /// Path of the host's cgroup below each hierarchy's root, which exists, with the host's limits on it.
    /// Host init itself goes into `workstation` below it.
    pub cgroup: &'a str,
    pub spec: &'a Spec,
    pub rootfs: &'a Rootfs,
    /// Path inside the workstation for the engine's listening socket.
    pub engine_socket: Option<&'a std::path::Path>,
}

/// A container to build.
#[derive(Debug)]
pub struct NewContainer<'a> {
    /// Also the name of its cgroup below the host's.
    pub id: &'a str,
    pub spec: &'a Spec,
    pub rootfs: &'a Rootfs,
    pub binds: &'a [Bind],
    pub io: Io,
    /// Namespaces of other processes that it shares, each by a pidfd. The spec lists none of those kinds.
    pub join: &'a [(LinuxNamespaceType, OwnedFd)],
}

/// A process to add to a container.
#[derive(Debug)]
pub struct NewExec<'a> {
    /// Pid of the container's init (the caller's child, not yet reaped: the number can't have been reused).
    pub init: i32,
    /// Path of the container's cgroup below each hierarchy's root.
    pub cgroup: &'a str,
    pub process: &'a Process,
    /// The container's spec: seccomp filter and the like are its own.
    pub spec: &'a Spec,
    pub io: Io,
}
