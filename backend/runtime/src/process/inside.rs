//! What init sets up in its new namespaces besides files.

use crate::failure::{Doing, Result, invalid};
use crate::filesystem::NewFilesystem;
use crate::sys;
use nix::sched::CloneFlags;
use oci_spec::runtime::Spec;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::mount::MountAttrFlags;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::collections::HashMap;
use std::os::fd::OwnedFd;

/// Brings loopback up in the caller's network namespace, and answers that namespace.
pub(crate) fn network() -> Result<OwnedFd> {
    let step = || "bringing the loopback interface up".to_owned();
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None).doing(step)?;
    sys::loopback_up(&socket).doing(step)?;
    sys::network_namespace_of(&socket).doing(|| "referring to the network namespace".into())
}

/// Sets the names and the kernel parameters of the spec, where the namespaces that they belong to are `new`.
pub(crate) fn name(spec: &Spec, new: CloneFlags) -> Result<()> {
    let named = spec.hostname().is_some() || spec.domainname().is_some();
    if named && !new.contains(CloneFlags::CLONE_NEWUTS) {
        return Err(invalid("a hostname needs a new uts namespace: this one belongs to the virtual host"));
    }
    if let Some(name) = spec.hostname() {
        rustix::system::sethostname(name.as_bytes()).doing(|| format!("setting the hostname {name}"))?;
    }
    if let Some(name) = spec.domainname() {
        rustix::system::setdomainname(name.as_bytes()).doing(|| format!("setting the domain name {name}"))?;
    }
    match spec.linux().as_ref().and_then(|linux| linux.sysctl().as_ref()) {
        Some(parameters) if !parameters.is_empty() => set_parameters(parameters),
        _ => Ok(()),
    }
}

/// A file descriptor for the caller itself.
pub(crate) fn own_pidfd() -> Result<OwnedFd> {
    super::namespaces::pidfd(rustix::process::getpid().as_raw_nonzero().get())
}

/// Through a procfs of our own: what the container has at `/proc` could lead a write astray (CVE-2025-52881).
/// The kernel refuses parameters that aren't of a namespace of the host.
fn set_parameters(parameters: &HashMap<String, String>) -> Result<()> {
    let proc = NewFilesystem::open("proc")?.mount(MountAttrFlags::MOUNT_ATTR_NOSUID)?;
    for (name, value) in parameters {
        let step = || format!("setting the kernel parameter {name} to {value}");
        let path = format!("sys/{}", name.replace('.', "/"));
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_XDEV | ResolveFlags::NO_SYMLINKS;
        let file = openat2(&proc, path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty(), resolve).doing(step)?;
        rustix::io::write(&file, value.as_bytes()).doing(step)?;
    }
    Ok(())
}
