//! Which namespaces a container gets: new ones, others by path, or those of the virtual host.

use super::{Host, shm};
use crate::failure::{Doing, Result, invalid};
use nix::sched::{CloneFlags, setns, unshare};
use oci_spec::runtime::{LinuxNamespaceType, Spec};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

/// The namespaces that a spec's `linux.namespaces` asks for, and those of other containers.
#[derive(Debug)]
pub(crate) struct Namespaces<'a> {
    /// To be made.
    pub(crate) new: CloneFlags,
    /// To be joined.
    join: Vec<(CloneFlags, PathBuf)>,
    /// To be joined, each of a process.
    of_processes: Vec<(CloneFlags, BorrowedFd<'a>)>,
    /// Not listed: the virtual host's.
    shared: CloneFlags,
}

const SHAREABLE: [CloneFlags; 5] = [
    CloneFlags::CLONE_NEWPID,
    CloneFlags::CLONE_NEWNET,
    CloneFlags::CLONE_NEWIPC,
    CloneFlags::CLONE_NEWUTS,
    CloneFlags::CLONE_NEWCGROUP,
];

impl<'a> Namespaces<'a> {
    /// # Errors
    /// If a mount namespace is missing, or one is listed that containers can't have, or both here and there.
    pub(crate) fn of(spec: &Spec, others: &'a [(LinuxNamespaceType, OwnedFd)]) -> Result<Self> {
        let mut found =
            Self { new: CloneFlags::empty(), join: Vec::new(), of_processes: Vec::new(), shared: CloneFlags::empty() };
        let listed = spec.linux().as_ref().and_then(|linux| linux.namespaces().as_deref()).unwrap_or_default();
        for namespace in listed {
            let flag = flag(namespace.typ())?;
            match namespace.path() {
                None => found.new |= flag,
                Some(path) => found.join.push((flag, path.clone())),
            }
        }
        if !found.new.contains(CloneFlags::CLONE_NEWNS) {
            return Err(invalid("linux.namespaces must list a new mount namespace: a container has its own files"));
        }
        let mut joined = found.join.iter().fold(CloneFlags::empty(), |all, (flag, _)| all | *flag);
        for (kind, pidfd) in others {
            let flag = flag(*kind)?;
            if !SHAREABLE.contains(&flag) || (found.new | joined).contains(flag) {
                return Err(invalid(format!("the {kind} namespace can't be another container's, too")));
            }
            joined |= flag;
            found.of_processes.push((flag, pidfd.as_fd()));
        }
        for flag in SHAREABLE {
            if !(found.new | joined).contains(flag) {
                found.shared |= flag;
            }
        }
        Ok(found)
    }

    /// Joins those that aren't new, and the host's user namespace. A pid namespace holds for children only.
    /// Done by the machine's root; afterwards the caller is root of the host, and of nothing else.
    pub(crate) fn enter(&self, host: &Host) -> Result<()> {
        for (flag, path) in &self.join {
            let step = || format!("joining the namespace {}", path.display());
            setns(File::open(path).doing(step)?, *flag).doing(step)?;
        }
        for (flag, pidfd) in &self.of_processes {
            setns(pidfd, *flag).doing(|| "joining a namespace of another container (has it ended?)".into())?;
        }
        if !self.joins(CloneFlags::CLONE_NEWPID) {
            setns(&host.pid_namespace, CloneFlags::CLONE_NEWPID).doing(|| "joining the host's pid namespace".into())?;
        }
        let shared = self.shared - CloneFlags::CLONE_NEWPID;
        if !shared.is_empty() {
            setns(pidfd(host.init)?, shared).doing(|| "joining the namespaces of the virtual host".into())?;
        }
        become_root_of(&host.user_namespace)
    }

    fn joins(&self, flag: CloneFlags) -> bool {
        let of_processes = self.of_processes.iter().map(|(joined, _)| joined);
        self.join.iter().map(|(joined, _)| joined).chain(of_processes).any(|joined| joined.contains(flag))
    }

    /// What is to be at `/dev/shm` of a container that has no ipc namespace of its own: what is there where it comes from.
    /// Done by the machine's root.
    pub(crate) fn shared_memory(&self, host: &Host) -> Result<Option<OwnedFd>> {
        let is_ipc = |flag: CloneFlags| flag.contains(CloneFlags::CLONE_NEWIPC);
        if is_ipc(self.shared) {
            return shm::of(pidfd(host.init)?.as_fd()).map(Some);
        }
        self.of_processes.iter().find(|(flag, _)| is_ipc(*flag)).map(|(_, pidfd)| shm::of(*pidfd)).transpose()
    }
}

/// Joins a user namespace and becomes its root, with all capabilities in it and none outside.
pub(crate) fn become_root_of(user_namespace: impl AsFd) -> Result<()> {
    setns(user_namespace, CloneFlags::CLONE_NEWUSER).doing(|| "joining the host's user namespace".into())?;
    become_root()
}

/// Becomes root of the user namespace that the caller is in.
pub(crate) fn become_root() -> Result<()> {
    use rustix::thread::{Gid, Uid, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
    set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(Gid::ROOT, Gid::ROOT, Gid::ROOT))
        .and_then(|()| set_thread_res_uid(Uid::ROOT, Uid::ROOT, Uid::ROOT))
        .doing(|| "becoming root of the host's user namespace".into())
}

/// A new user namespace in which ids 0 to 65,535 are those from `id_base` on. Done by the machine's root.
pub(crate) fn new_user_namespace(id_base: u32) -> Result<OwnedFd> {
    let step = || "making a user namespace".to_owned();
    let (ours, theirs) = crate::wire::pair().doing(step)?;
    // A namespace's map can be written from outside only, by way of a process in it.
    let pid = crate::sys::fork(|| {
        if unshare(CloneFlags::CLONE_NEWUSER).is_ok() && nix::unistd::write(&theirs, b"x").is_ok() {
            // Ended by the signal below.
            nix::unistd::pause();
        }
    })
    .doing(step)?;
    drop(theirs);
    let namespace = match nix::unistd::read(&ours, &mut [0]) {
        Ok(1) => mapped(pid, id_base),
        _ => Err(invalid("the kernel refuses to make a user namespace: see user.max_user_namespaces")),
    };
    // Not reaped yet, so it can't fail.
    let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
    crate::sys::wait_for(pid);
    namespace
}

fn mapped(pid: i32, id_base: u32) -> Result<OwnedFd> {
    for name in ["uid_map", "gid_map"] {
        std::fs::write(format!("/proc/{pid}/{name}"), format!("0 {id_base} 65536"))
            .doing(|| format!("mapping the 65536 ids from {id_base} on"))?;
    }
    File::open(format!("/proc/{pid}/ns/user")).map(OwnedFd::from).doing(|| "opening the new user namespace".into())
}

/// A file descriptor for a process that the caller knows to be there.
pub(crate) fn pidfd(pid: i32) -> Result<OwnedFd> {
    let step = || format!("referring to the process {pid}");
    let pid = Pid::from_raw(pid).ok_or_else(|| invalid(format!("{pid} is not the pid of a process")))?;
    pidfd_open(pid, PidfdFlags::empty()).doing(step)
}

fn flag(kind: LinuxNamespaceType) -> Result<CloneFlags> {
    Ok(match kind {
        LinuxNamespaceType::Mount => CloneFlags::CLONE_NEWNS,
        LinuxNamespaceType::Pid => CloneFlags::CLONE_NEWPID,
        LinuxNamespaceType::Network => CloneFlags::CLONE_NEWNET,
        LinuxNamespaceType::Ipc => CloneFlags::CLONE_NEWIPC,
        LinuxNamespaceType::Uts => CloneFlags::CLONE_NEWUTS,
        LinuxNamespaceType::Cgroup => CloneFlags::CLONE_NEWCGROUP,
        LinuxNamespaceType::User => {
            return Err(invalid("linux.namespaces must not list user: containers are in their virtual host's"));
        }
        LinuxNamespaceType::Time => return Err(invalid("linux.namespaces must not list time: it is not supported")),
    })
}
