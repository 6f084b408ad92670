//! Capability sets, as numbers for the kernel.

use crate::failure::{Doing, Result};
use oci_spec::runtime::{Capabilities, Capability, Process};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
};

/// The sets that a process starts with. Inheritable and ambient ones are always empty: they would survive what is
/// meant to drop them (CVE-2022-29162).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sets {
    bounding: CapabilitySet,
    permitted: CapabilitySet,
    effective: CapabilitySet,
}

impl Sets {
    /// Without `process.capabilities` there are none.
    pub(crate) fn of(process: &Process) -> Self {
        let sets = process.capabilities().as_ref();
        let set = |which: Option<&Option<Capabilities>>| {
            which
                .and_then(Option::as_ref)
                .into_iter()
                .flatten()
                .fold(CapabilitySet::empty(), |all, &one| all | bit(one))
        };
        let permitted = set(sets.map(|sets| sets.permitted()));
        Self {
            bounding: set(sets.map(|sets| sets.bounding())),
            permitted,
            effective: set(sets.map(|sets| sets.effective())) & permitted,
        }
    }

    /// Nothing that is executed from now on can have more than the bounding set.
    pub(crate) fn bound(&self) -> Result<()> {
        for capability in CapabilitySet::all().difference(self.bounding).iter() {
            match remove_capability_from_bounding_set(capability) {
                // A capability that this kernel doesn't have yet.
                Ok(()) | Err(rustix::io::Errno::INVAL) => {}
                Err(error) => return Err(error).doing(|| format!("dropping {capability:?}")),
            }
        }
        clear_ambient_capability_set().doing(|| "clearing the ambient capabilities".into())
    }

    /// The sets of the calling process itself. With `keep`, that one stays until `execve`.
    pub(crate) fn apply(&self, keep: CapabilitySet) -> Result<()> {
        let sets = CapabilitySets {
            effective: self.effective | keep,
            permitted: self.permitted | keep,
            inheritable: CapabilitySet::empty(),
        };
        set_capabilities(None, sets).doing(|| "setting the capabilities".into())
    }
}

fn bit(capability: Capability) -> CapabilitySet {
    match capability {
        Capability::AuditControl => CapabilitySet::AUDIT_CONTROL,
        Capability::AuditRead => CapabilitySet::AUDIT_READ,
        Capability::AuditWrite => CapabilitySet::AUDIT_WRITE,
        Capability::BlockSuspend => CapabilitySet::BLOCK_SUSPEND,
        Capability::Bpf => CapabilitySet::BPF,
        Capability::CheckpointRestore => CapabilitySet::CHECKPOINT_RESTORE,
        Capability::Chown => CapabilitySet::CHOWN,
        Capability::DacOverride => CapabilitySet::DAC_OVERRIDE,
        Capability::DacReadSearch => CapabilitySet::DAC_READ_SEARCH,
        Capability::Fowner => CapabilitySet::FOWNER,
        Capability::Fsetid => CapabilitySet::FSETID,
        Capability::IpcLock => CapabilitySet::IPC_LOCK,
        Capability::IpcOwner => CapabilitySet::IPC_OWNER,
        Capability::Kill => CapabilitySet::KILL,
        Capability::Lease => CapabilitySet::LEASE,
        Capability::LinuxImmutable => CapabilitySet::LINUX_IMMUTABLE,
        Capability::MacAdmin => CapabilitySet::MAC_ADMIN,
        Capability::MacOverride => CapabilitySet::MAC_OVERRIDE,
        Capability::Mknod => CapabilitySet::MKNOD,
        Capability::NetAdmin => CapabilitySet::NET_ADMIN,
        Capability::NetBindService => CapabilitySet::NET_BIND_SERVICE,
        Capability::NetBroadcast => CapabilitySet::NET_BROADCAST,
        Capability::NetRaw => CapabilitySet::NET_RAW,
        Capability::Perfmon => CapabilitySet::PERFMON,
        Capability::Setgid => CapabilitySet::SETGID,
        Capability::Setfcap => CapabilitySet::SETFCAP,
        Capability::Setpcap => CapabilitySet::SETPCAP,
        Capability::Setuid => CapabilitySet::SETUID,
        Capability::SysAdmin => CapabilitySet::SYS_ADMIN,
        Capability::SysBoot => CapabilitySet::SYS_BOOT,
        Capability::SysChroot => CapabilitySet::SYS_CHROOT,
        Capability::SysModule => CapabilitySet::SYS_MODULE,
        Capability::SysNice => CapabilitySet::SYS_NICE,
        Capability::SysPacct => CapabilitySet::SYS_PACCT,
        Capability::SysPtrace => CapabilitySet::SYS_PTRACE,
        Capability::SysRawio => CapabilitySet::SYS_RAWIO,
        Capability::SysResource => CapabilitySet::SYS_RESOURCE,
        Capability::SysTime => CapabilitySet::SYS_TIME,
        Capability::SysTtyConfig => CapabilitySet::SYS_TTY_CONFIG,
        Capability::Syslog => CapabilitySet::SYSLOG,
        Capability::WakeAlarm => CapabilitySet::WAKE_ALARM,
    }
}
