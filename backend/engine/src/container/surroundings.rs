//! What a container finds around it, as asked for: file systems in memory, devices, parameters of the kernel.

use super::SHM_SIZE;
use crate::{Error, Result};
use oci_spec::runtime::{LinuxDevice, LinuxDeviceType, Mount};
use runtime::defaults;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Options for a container's surroundings; stored as they came, so that `inspect` can show them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Surroundings {
    /// Path to mount options: `size=64m,mode=700`.
    pub tmpfs: BTreeMap<String, String>,
    /// Bytes of `/dev/shm`; 0: 64 MiB.
    pub shm_size: i64,
    pub devices: Vec<Device>,
    pub sysctls: BTreeMap<String, String>,
    /// `--init`; `None`: not asked for.
    pub init: Option<bool>,
    /// For whoever reads the container's OCI spec.
    pub annotations: BTreeMap<String, String>,
}

/// A device of the virtual host's to be given to a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    pub on_host: String,
    pub in_container: String,
    /// Of `rwm`.
    pub permissions: String,
}

/// Name, major and minor number of the devices that a virtual host has: every container has them, too.
const DEVICES: [(&str, i64, i64); 6] = [
    ("/dev/null", 1, 3),
    ("/dev/zero", 1, 5),
    ("/dev/full", 1, 7),
    ("/dev/random", 1, 8),
    ("/dev/urandom", 1, 9),
    ("/dev/tty", 5, 0),
];

/// What else a virtual host has in its /dev.
const OTHERS: [&str; 3] = ["/dev/fd", "/dev/mqueue", "/dev/shm"];

impl Surroundings {
    /// What Docker looks at when a container is created; the rest it looks at when the container is started.
    pub(crate) fn check(&self) -> Result<()> {
        if self.shm_size < 0 {
            return Err(Error::invalid("SHM size can not be less than 0"));
        }
        for path in self.tmpfs.keys() {
            if !path.starts_with('/') {
                return Err(Error::invalid(format!("invalid mount path: '{path}' mount path must be absolute")));
            }
            if path.split('/').all(|name| matches!(name, "" | ".")) {
                return Err(Error::invalid("invalid specification: destination can't be '/'"));
            }
        }
        Ok(())
    }

    /// Bytes of `/dev/shm`.
    pub fn shm_size(&self) -> u64 {
        u64::try_from(self.shm_size).ok().filter(|&size| size > 0).unwrap_or(SHM_SIZE)
    }

    /// Docker's default mounts, those that were asked for in their place, and the further ones. Without `shm`, not `/dev/shm`.
    pub(crate) fn mounts(&self, shm: bool) -> Result<Vec<Mount>> {
        let asked = self.tmpfs.iter().map(|(path, options)| tmpfs(path, options)).collect::<Result<Vec<_>>>()?;
        let mut mounts = defaults::mounts(self.shm_size());
        mounts.retain(|mount| shm || mount.destination() != Path::new("/dev/shm"));
        mounts.retain(|default| !asked.iter().any(|mount| mount.destination() == default.destination()));
        mounts.extend(asked);
        Ok(mounts)
    }

    /// Errors: something of the virtual host's that is no device; `is_there` knows what it has.
    pub(crate) fn check_devices(&self, is_there: impl Fn(&str) -> bool) -> Result<()> {
        let is_device = |device: &Device| DEVICES.iter().any(|(path, ..)| *path == device.on_host);
        let is_other = |path: &str| OTHERS.contains(&path) || is_there(path);
        match self.devices.iter().find(|device| !is_device(device) && is_other(&device.on_host)) {
            Some(Device { on_host, .. }) => Err(Error::invalid(format!(
                "error gathering device information while adding custom device \"{on_host}\": not a device node"
            ))),
            None => Ok(()),
        }
    }

    /// Errors: a device that is not the virtual host's.
    pub(crate) fn devices(&self) -> Result<Vec<LinuxDevice>> {
        self.devices.iter().map(Device::resolve).collect()
    }
}

impl Device {
    fn resolve(&self) -> Result<LinuxDevice> {
        let Self { on_host, in_container, permissions } = self;
        let Some((_, major, minor)) = DEVICES.iter().find(|(path, ..)| path == on_host) else {
            return Err(Error::invalid(format!(
                "error gathering device information while adding custom device \"{on_host}\": no such file or directory \
                 (a virtual host has null, zero, full, random, urandom and tty: the machine's devices are not its own)"
            )));
        };
        if !matches!(permissions.as_str(), "" | "rw" | "rwm") {
            return Err(Error::invalid(format!(
                "--device {on_host}:{permissions} is refused: who may use a device of a virtual host may read and write it"
            )));
        }
        let path = Path::new(if in_container.is_empty() { on_host } else { in_container });
        if path.parent() != Some(Path::new("/dev")) || path.file_name().is_none() {
            return Err(Error::invalid(format!(
                "--device {on_host}:{in_container} is refused: devices of a container are directly in its /dev"
            )));
        }
        let mut device = LinuxDevice::default();
        device.set_path(path.to_owned()).set_typ(LinuxDeviceType::C).set_major(*major).set_minor(*minor);
        Ok(device)
    }
}

/// Docker's defaults first, so that what was asked for wins.
pub(super) fn tmpfs(path: &str, options: &str) -> Result<Mount> {
    let target = PathBuf::from(path);
    for kernels in ["/proc", "/sys", "/dev"] {
        if target == Path::new(kernels) || kernels != "/dev" && target.starts_with(kernels) {
            return Err(Error::invalid(format!(
                "a tmpfs at {path} is not possible: {kernels} of a container belongs to the kernel's own file system"
            )));
        }
    }
    let asked = options.split(',').filter(|option| !option.is_empty());
    if let Some(unknown) = asked.clone().find(|option| !is_tmpfs_option(option)) {
        let name = unknown.split('=').next().unwrap_or_default();
        return Err(Error::invalid(format!("invalid tmpfs option {name:?}")));
    }
    let all: Vec<_> = ["noexec", "nosuid", "nodev", "rprivate"].into_iter().chain(asked).collect();
    Ok(defaults::mount(path, "tmpfs", "tmpfs", &all))
}

/// Docker's list.
fn is_tmpfs_option(option: &str) -> bool {
    match option.split_once('=') {
        Some((key, _)) => matches!(key, "size" | "mode" | "uid" | "gid" | "nr_inodes" | "nr_blocks" | "mpol"),
        None => FLAGS.contains(&option),
    }
}

#[rustfmt::skip]
const FLAGS: &[&str] = &[
    "defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync", "mand", "nomand",
    "atime", "noatime", "diratime", "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime",
    "private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn with_tmpfs(path: &str, options: &str) -> Surroundings {
        Surroundings { tmpfs: [(path.to_owned(), options.to_owned())].into(), ..Surroundings::default() }
    }

    #[test]
    fn a_tmpfs_replaces_what_would_be_mounted_there() {
        let mounts = with_tmpfs("/dev/shm", "size=1m,exec").mounts(true).unwrap();
        let shm: Vec<_> = mounts.iter().filter(|mount| mount.destination() == Path::new("/dev/shm")).collect();
        assert_eq!(shm.len(), 1);
        let options = shm[0].options().clone().unwrap();
        assert_eq!(options, ["noexec", "nosuid", "nodev", "rprivate", "size=1m", "exec"]);
        for unknown in ["foo", "foo=bar"] {
            assert_eq!(with_tmpfs("/x", unknown).mounts(true).unwrap_err().message, "invalid tmpfs option \"foo\"");
        }
        assert!(with_tmpfs("/proc/x", "").mounts(true).is_err());
    }

    #[test]
    fn only_the_virtual_hosts_own_devices_are_given() {
        let device = |on_host: &str, in_container: &str, permissions: &str| {
            let device = Device {
                on_host: on_host.to_owned(),
                in_container: in_container.to_owned(),
                permissions: permissions.to_owned(),
            };
            device.resolve()
        };
        assert_eq!(device("/dev/zero", "/dev/x", "rwm").unwrap().minor(), 5);
        for (on_host, in_container, permissions) in
            [("/dev/kvm", "/dev/kvm", "rwm"), ("/dev/null", "/dev/null", "r"), ("/dev/null", "/etc/x", "rwm")]
        {
            assert!(device(on_host, in_container, permissions).is_err(), "{on_host} {in_container} {permissions}");
        }
    }
}
