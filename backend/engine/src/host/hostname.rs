//! What a virtual host is called: by whoever made it, until somebody comes to whom a host that was begun ahead is given.

use super::{Hosts, VirtualHost};
use crate::network::known_hosts;
use crate::{Error, Result, container};
use nix::sched::CloneFlags;
use runtime::keeper::protocol::WORKSTATION;
use rustix::fs::{CWD, Mode, OFlags, fstat, openat};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

impl VirtualHost {
    /// What `hostname` says in the workstation.
    pub fn hostname(&self) -> String {
        self.hostname.lock().clone()
    }

    /// Calls the host otherwise, now and when it begins again. Shells that run go on to show the old name.
    pub(crate) async fn set_hostname(self: &Arc<Self>, hostname: &str) -> Result<()> {
        let init = self.processes().await?.into_iter().find(|process| process.id == WORKSTATION);
        let init = init.ok_or_else(|| Error::system("the workstation has no first process"))?.pid;
        let (host, new) = (self.clone(), hostname.to_owned());
        let set = tokio::task::spawn_blocking(move || {
            Hosts(host.parts.db.clone()).set_hostname(host.id(), &new)?;
            let directory = host.files.reached().join("workstation");
            container::make_workstation(
                &directory,
                host.record.id_base,
                &new,
                &known_hosts(host.rules().registry.own.as_deref()),
            )?;
            tell_kernel(init, host.network_namespace.as_fd().try_clone_to_owned(), new.clone())
                .map_err(|error| Error::system(format!("cannot call virtual host {} {new}: {error}", host.id())))?;
            *host.hostname.lock() = new;
            Ok(())
        });
        set.await.map_err(|error| Error::system(format!("cannot rename virtual host {}: {error}", self.id())))?
    }
}

/// On a thread of its own, which ends in the host's namespace.
fn tell_kernel(init: i32, network: std::io::Result<OwnedFd>, hostname: String) -> std::io::Result<()> {
    let network = network?;
    // The directory stays this process's: once that has gone, nothing is found in it, even if its number is another's.
    let directory = openat(CWD, format!("/proc/{init}"), OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let namespace = |name: &str| openat(&directory, format!("ns/{name}"), OFlags::CLOEXEC, Mode::empty());
    let (theirs, ours) = (fstat(namespace("net")?)?, fstat(&network)?);
    if (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino) {
        return Err(std::io::Error::other("the process isn't one of the host any more"));
    }
    let uts = namespace("uts")?;
    let entering = std::thread::Builder::new().name("namespace".to_owned()).spawn(move || {
        nix::sched::setns(uts, CloneFlags::CLONE_NEWUTS)?;
        Ok(rustix::system::sethostname(hostname.as_bytes())?)
    })?;
    entering.join().map_err(|_| std::io::Error::other("the thread has crashed"))?
}
