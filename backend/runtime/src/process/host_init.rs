//! Host init: pid 1 of a virtual host, which holds its namespaces and reaps its orphans.

use super::launch::{self, Channel, Ready};
use super::machine::MachineProc;
use super::namespaces::{become_root_of, new_user_namespace};
use super::root::{Root, assemble};
use super::streams::Outer;
use super::{Building, HostInit, check, inside};
use crate::failure::{Doing, Failure, Result, invalid};
use crate::{cgroup, sys};
use nix::sched::CloneFlags;
use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with};
use rustix::process::umask;
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout};
use rustix::thread::set_name;
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Connections that may wait for the engine, for example while it restarts.
const BACKLOG: i32 = 128;

/// Starts to build a virtual host's first process, in a new user namespace and new ones of all other kinds. It ends when
/// the caller does, and with it everything in the virtual host. Its cgroup is `workstation` below that of the host.
///
/// Once it is ready, the channel comes to its end; there is nothing to start.
///
/// # Errors
/// If the spec asks for what can't be, or the system can't fork. Whatever fails later comes through the channel.
pub fn fork_host_init(new: &HostInit) -> std::result::Result<Building, Failure> {
    check::spec(new.spec)?;
    if new.id_base == 0 || new.id_base.checked_add(65_535).is_none() {
        return Err(invalid(format!("ids from {} on are not for a virtual host", new.id_base)));
    }
    let cgroup = format!("{}/workstation", new.cgroup);
    cgroup::create(&cgroup, &check::limits(new.spec)?)?;
    launch::fork_builder_into(&cgroup, Outer::default(), &[], |channel| build(new, &cgroup, channel))
}

fn build(new: &HostInit, cgroup: &str, channel: &Channel) -> Result<()> {
    sys::new_session_keyring().doing(|| "leaving the session keyring".into())?;
    silence()?;
    let machine = MachineProc::open()?;
    let user_namespace = new_user_namespace(new.id_base)?;
    let root = Root::prepare(new.spec, new.rootfs, None, new.id_base, &user_namespace, Some(cgroup))?;
    become_root_of(&user_namespace)?;
    let namespaces = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWCGROUP;
    sys::clone_sibling(namespaces.bits(), || channel.report(|| init(new, namespaces, &machine, root, channel)))
        .doing(|| "making the virtual host's namespaces".into())
}

fn init(new: &HostInit, namespaces: CloneFlags, machine: &MachineProc, root: Root, channel: &Channel) -> Result<()> {
    // The parent is the keeper already. If it has gone by now, the report below can't be sent, and we end all the same.
    launch::die_with_parent()?;
    set_name(c"init").doing(|| "setting the process's name".into())?;
    let pid = machine.own_pid()?;
    assemble(root, new.spec, None)?;
    let network_namespace = Some(inside::network()?);
    inside::name(new.spec, namespaces)?;
    let engine_socket = new.engine_socket.map(listen_at).transpose()?;
    // Signal handlers are the keeper's; without any, pid 1 is deaf to everybody inside.
    sys::reset_signals().doing(|| "resetting signals".into())?;
    sys::ignore_children();
    channel.ready(&Ready { pid, pidfd: inside::own_pidfd()?, terminal: None, network_namespace, engine_socket })?;
    sys::close_all_but(&[]).doing(|| "closing files".into())?;
    loop {
        nix::unistd::pause();
    }
}

/// What the server's output is connected to is none of a virtual host's business.
pub(super) fn silence() -> Result<()> {
    let step = || "opening /dev/null".to_owned();
    let null = rustix::fs::open(c"/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).doing(step)?;
    dup2_stdin(&null).and_then(|()| dup2_stdout(&null)).and_then(|()| dup2_stderr(&null)).doing(step)
}

/// A listening socket for the engine, for root and its group. Done when the virtual host's root is the root: whatever
/// links there are lead nowhere else.
fn listen_at(path: &Path) -> Result<OwnedFd> {
    let step = || format!("listening at {} in the workstation", path.display());
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).doing(step)?;
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).doing(step),
        _ => {}
    }
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).doing(step)?;
    let usual = umask(Mode::from_raw_mode(0o117));
    let bound = SocketAddrUnix::new(path).and_then(|address| bind(&socket, &address));
    umask(usual);
    bound.and_then(|()| listen(&socket, BACKLOG)).doing(step)?;
    Ok(socket)
}
