//! A helper that reads and writes a container's files, as nobody but the container's own root.

use super::host_init::silence;
use super::launch::{self, Channel};
use super::namespaces::{become_root, become_root_of, pidfd};
use super::root::{Root, assemble, reassemble};
use super::{Bind, Host, Rootfs, Source, binds};
use crate::failure::{Doing, Failure, Result};
use crate::files;
use crate::files::protocol::{Said, Wish};
use crate::seccomp::{Filter, default_profile};
use crate::{sys, wire};
use nix::sched::{CloneFlags, setns, unshare};
use oci_spec::runtime::{Mount, Spec};
use rustix::fs::Mode;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};
use std::os::fd::{AsFd, OwnedFd};

/// What a helper needs of what root of a virtual host may do: to give files their owners, permissions and capabilities, and to
/// reach them. It is less than a container's root has.
const CAPABILITIES: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::SETFCAP);

/// Whose files.
#[derive(Debug)]
pub struct NewFiles<'a> {
    /// Pid of the container's init (the caller's child, not yet reaped); `None` if it doesn't run.
    pub init: Option<i32>,
    /// Where the files are if it doesn't run.
    pub rootfs: &'a Rootfs,
    /// The engine's own files, which the container has mounted.
    pub mounts: &'a [Mount],
    /// What else it has mounted; or the volume that [`Wish::Populate`] is about.
    pub binds: &'a [Bind],
    pub wish: &'a Wish,
}

/// A helper at work. It ends when nobody listens to it any more, or when the caller does.
#[derive(Debug)]
pub struct FilesHelper {
    /// The caller's to reap.
    pub pid: i32,
    /// `SOCK_SEQPACKET`; carries [`Said`].
    pub control: OwnedFd,
    /// `SOCK_STREAM`; carries the archive, either way.
    pub archive: OwnedFd,
}

/// Forks a helper for a container's files.
///
/// # Errors
/// If the system can't fork. Whatever fails later comes through [`FilesHelper::control`].
pub fn fork_files(new: &NewFiles, host: &Host) -> std::result::Result<FilesHelper, Failure> {
    let step = || "making a helper's sockets".to_owned();
    let (control, their_control) = wire::pair().doing(step)?;
    let (archive, their_archive) =
        socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).doing(step)?;
    let filter = Filter::compile(&default_profile(&[]))?;
    let helper = Helper { new, host, filter, control: their_control, archive: their_archive };
    let keep =
        [host.user_namespace.as_fd(), host.pid_namespace.as_fd(), helper.control.as_fd(), helper.archive.as_fd()];
    let building = launch::fork_builder(launch::no_streams(), &keep, |channel| {
        helper.report(|| helper.begin(channel));
        Ok(())
    })?;
    Ok(FilesHelper { pid: building.builder, control, archive })
}

struct Helper<'a> {
    new: &'a NewFiles<'a>,
    host: &'a Host,
    filter: Filter,
    control: OwnedFd,
    archive: OwnedFd,
}

impl Helper<'_> {
    fn report(&self, part: impl FnOnce() -> Result<()>) {
        if let Err(failure) = part() {
            // Nobody is left to be told if the engine has gone.
            let _ = wire::send(&self.control, &Said::Failed(failure), &[]);
        }
    }

    /// Not in the container's own group: that one must be empty when the container has ended.
    fn begin(&self, channel: &Channel) -> Result<()> {
        let group = format!("{}/workstation", self.host.cgroup);
        launch::in_cgroup(&group, channel, || {
            self.report(|| self.enter());
            Ok(())
        })
    }

    /// From the machine's root to the virtual host's, in its namespaces.
    fn enter(&self) -> Result<()> {
        sys::new_session_keyring().doing(|| "leaving the session keyring".into())?;
        launch::adjust_oom_score(0)?;
        silence()?;
        let spec = spec(self.new.mounts);
        let host = self.host;
        let is_populate = matches!(self.new.wish, Wish::Populate { .. });
        let prepared = match self.new.init {
            Some(_) => None,
            None => {
                let root = Root::prepare(&spec, self.new.rootfs, None, host.id_base, &host.user_namespace, None)?;
                let binds = if is_populate { &[] } else { self.new.binds };
                Some(root.with(binds::prepare(binds, host)?))
            }
        };
        let volume = match self.new.binds.first().map(|bind| &bind.source) {
            Some(Source::Volume { directory, name, .. }) if is_populate => Some(binds::volume(directory, name, None)?),
            _ => None,
        };
        let joined = CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWCGROUP;
        let step = || "joining the namespaces of the virtual host".to_owned();
        setns(pidfd(host.init)?, joined).doing(step)?;
        setns(&host.pid_namespace, CloneFlags::CLONE_NEWPID).doing(step)?;
        match self.new.init {
            Some(init) => {
                setns(pidfd(init)?, CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
                    .doing(|| "joining the namespaces of the container (has it ended?)".into())?;
                become_root()?;
            }
            None => become_root_of(&host.user_namespace)?,
        }
        launch::die_with_parent()?;
        // The pid namespace holds for children only.
        let child = sys::fork(|| self.report(|| self.work(prepared, &spec, volume))).doing(|| "forking".into())?;
        sys::wait_for(child);
        Ok(())
    }

    fn work(&self, prepared: Option<Root>, spec: &Spec, volume: Option<OwnedFd>) -> Result<()> {
        launch::die_with_parent()?;
        unshare(CloneFlags::CLONE_NEWNS).doing(|| "making a mount namespace".into())?;
        match prepared {
            Some(root) => drop(assemble(root, spec, None)?),
            // Everything that is mounted there.
            None if matches!(self.new.wish, Wish::Find { .. }) => {}
            None => {
                let own = self.new.mounts.iter().map(|mount| mount.destination().as_path());
                reassemble(&own.chain(self.new.binds.iter().map(|bind| bind.target.as_path())).collect::<Vec<_>>())?;
            }
        }
        let archive = self.archive.try_clone().doing(|| "keeping the archive's stream".into())?;
        let mut keep = vec![self.control.as_fd(), archive.as_fd()];
        keep.extend(volume.as_ref().map(AsFd::as_fd));
        sys::close_all_but(&keep).doing(|| "closing files".into())?;
        self.confine()?;
        files::serve(self.new.wish, &self.control, archive, volume);
        Ok(())
    }

    fn confine(&self) -> Result<()> {
        rustix::process::umask(Mode::empty());
        for capability in CapabilitySet::all().difference(CAPABILITIES).iter() {
            match remove_capability_from_bounding_set(capability) {
                // A capability that this kernel doesn't have yet.
                Ok(()) | Err(rustix::io::Errno::INVAL) => {}
                Err(error) => return Err(error).doing(|| format!("dropping {capability:?}")),
            }
        }
        let sets =
            CapabilitySets { effective: CAPABILITIES, permitted: CAPABILITIES, inheritable: CapabilitySet::empty() };
        clear_ambient_capability_set()
            .and_then(|()| set_capabilities(None, sets))
            .and_then(|()| set_no_new_privs(true))
            .doing(|| "giving up capabilities".into())?;
        self.filter.install()
    }
}

/// A spec with nothing in it but mounts.
fn spec(mounts: &[Mount]) -> Spec {
    let mut spec = Spec::default();
    spec.set_mounts(Some(mounts.to_vec())).set_linux(None).set_root(None).set_process(None);
    spec
}
