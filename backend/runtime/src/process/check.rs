//! What a spec must not ask for. A field that is set but not acted on would be a promise that isn't kept.

use super::devices;
use crate::cgroup::Limits;
use crate::failure::{Failure, Result, invalid};
use oci_spec::runtime::{Process, Spec};

/// Ids of a virtual host: 0 to one less than this.
const IDS: u32 = 65_536;

/// # Errors
/// If the spec asks for something that isn't supported; the message names the field.
pub(crate) fn spec(spec: &Spec) -> Result<()> {
    if spec.hooks().is_some() {
        return Err(refused("hooks"));
    }
    let Some(linux) = spec.linux() else {
        return Err(invalid("the spec has no `linux` part"));
    };
    let asked = [
        ("linux.uidMappings", linux.uid_mappings().is_some()),
        ("linux.gidMappings", linux.gid_mappings().is_some()),
        ("linux.cgroupsPath", linux.cgroups_path().is_some()),
        ("linux.rootfsPropagation", linux.rootfs_propagation().is_some()),
        ("linux.mountLabel", linux.mount_label().is_some()),
        ("linux.intelRdt", linux.intel_rdt().is_some()),
        ("linux.memoryPolicy", linux.memory_policy().is_some()),
        ("linux.personality", linux.personality().is_some()),
        ("linux.timeOffsets", linux.time_offsets().is_some()),
        ("linux.netDevices", linux.net_devices().is_some()),
    ];
    none_of(&asked)?;
    devices::check(linux.devices().as_deref().unwrap_or_default())
}

/// # Errors
/// If the process can't be started as asked.
pub(crate) fn process(process: &Process) -> Result<()> {
    let asked = [
        ("process.apparmorProfile", process.apparmor_profile().is_some()),
        ("process.selinuxLabel", process.selinux_label().is_some()),
        ("process.ioPriority", process.io_priority().is_some()),
        ("process.scheduler", process.scheduler().is_some()),
        ("process.execCPUAffinity", process.exec_cpu_affinity().is_some()),
    ];
    none_of(&asked)?;
    if process.args().as_ref().is_none_or(Vec::is_empty) {
        return Err(invalid("the process has no command"));
    }
    if !process.cwd().is_absolute() {
        return Err(invalid("Cwd must be an absolute path"));
    }
    let strings = process.args().iter().flatten().chain(process.env().iter().flatten());
    if let Some(text) = strings.into_iter().find(|text| text.contains('\0')) {
        return Err(invalid(format!("an argument or variable contains a null byte: {text:?}")));
    }
    let user = process.user();
    let ids = [user.uid(), user.gid()].into_iter().chain(user.additional_gids().iter().flatten().copied());
    match ids.into_iter().find(|&id| id >= IDS) {
        Some(id) => {
            Err(invalid(format!("the user or group id {id} is too large: a virtual host has 0 to {}", IDS - 1)))
        }
        None => Ok(()),
    }
}

/// The limits that the spec asks for.
pub(crate) fn limits(spec: &Spec) -> Result<Limits> {
    match spec.linux().as_ref().and_then(|linux| linux.resources().as_ref()) {
        Some(resources) => Limits::from_resources(resources),
        None => Ok(Limits::default()),
    }
}

fn none_of(fields: &[(&str, bool)]) -> Result<()> {
    match fields.iter().find(|(_, asked)| *asked) {
        Some((field, _)) => Err(refused(field)),
        None => Ok(()),
    }
}

fn refused(field: &str) -> Failure {
    invalid(format!("{field} is not supported: leave it out of the spec"))
}
