//! Mount options, as an OCI spec lists them.

use crate::failure::{Failure, Result, invalid};
use oci_spec::runtime::Mount;
use rustix::mount::{MountAttrFlags, MountPropagationFlags};

/// The options of one mount.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) bind: bool,
    /// With what is mounted below the source.
    pub(crate) recursive: bool,
    /// Owners of the source's files are shifted into the host's range.
    pub(crate) idmap: bool,
    pub(crate) set: MountAttrFlags,
    pub(crate) clear: MountAttrFlags,
    /// What is mounted below it goes to others, or comes from them.
    pub(crate) propagation: Option<MountPropagationFlags>,
    /// What is for the file system itself: `mode=755`, or a word alone.
    pub(crate) data: Vec<(String, Option<String>)>,
}

/// Reads a mount's options.
///
/// # Errors
/// If one asks for what isn't supported. One that isn't known is the file system's, which refuses what it doesn't know.
pub(crate) fn parse(mount: &Mount) -> Result<Options> {
    let mut parsed = Options {
        bind: mount.typ().as_deref() == Some("bind"),
        recursive: false,
        idmap: false,
        set: MountAttrFlags::empty(),
        clear: MountAttrFlags::empty(),
        propagation: None,
        data: Vec::new(),
    };
    for option in mount.options().iter().flatten() {
        match option.as_str() {
            "bind" => parsed.bind = true,
            "rbind" => (parsed.bind, parsed.recursive) = (true, true),
            "idmap" | "ridmap" => parsed.idmap = true,
            // What the kernel does anyway.
            "defaults" | "async" | "nomand" | "relatime" | "norelatime" | "nostrictatime" | "atime" => {}
            "private" | "rprivate" => parsed.propagation = None,
            // Nothing is mounted below a new mount: recursive ones are the same.
            "shared" | "rshared" => parsed.propagation = Some(MountPropagationFlags::SHARED),
            "slave" | "rslave" => parsed.propagation = Some(MountPropagationFlags::DOWNSTREAM),
            "unbindable" | "runbindable" => parsed.propagation = Some(MountPropagationFlags::UNBINDABLE),
            "tmpcopyup" => return Err(unsupported(mount, option)),
            other => match flag(other) {
                Some((flags, true)) => {
                    parsed.set |= flags;
                    parsed.clear -= flags;
                }
                Some((flags, false)) => {
                    parsed.clear |= flags;
                    parsed.set -= flags;
                }
                None => parsed.data.push(match other.split_once('=') {
                    Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
                    None => (other.to_owned(), None),
                }),
            },
        }
    }
    if parsed.bind
        && let Some((key, _)) = parsed.data.first()
    {
        return Err(invalid(format!(
            "the mount option {key} of {} makes no sense for a bind",
            mount.destination().display()
        )));
    }
    if parsed.bind && parsed.propagation.is_some() {
        return Err(unsupported(mount, "that shares mounts"));
    }
    if !parsed.set.intersection(MountAttrFlags::MOUNT_ATTR__ATIME).is_empty() {
        // The times' flags are one field: it must be cleared for any of them to be set.
        parsed.clear |= MountAttrFlags::MOUNT_ATTR__ATIME;
    }
    Ok(parsed)
}

fn unsupported(mount: &Mount, option: &str) -> Failure {
    invalid(format!("the mount option {option} of {} is not supported", mount.destination().display()))
}

fn flag(option: &str) -> Option<(MountAttrFlags, bool)> {
    Some(match option {
        "ro" | "rro" => (MountAttrFlags::MOUNT_ATTR_RDONLY, true),
        "rw" => (MountAttrFlags::MOUNT_ATTR_RDONLY, false),
        "nosuid" => (MountAttrFlags::MOUNT_ATTR_NOSUID, true),
        "suid" => (MountAttrFlags::MOUNT_ATTR_NOSUID, false),
        "nodev" => (MountAttrFlags::MOUNT_ATTR_NODEV, true),
        "dev" => (MountAttrFlags::MOUNT_ATTR_NODEV, false),
        "noexec" => (MountAttrFlags::MOUNT_ATTR_NOEXEC, true),
        "exec" => (MountAttrFlags::MOUNT_ATTR_NOEXEC, false),
        "nodiratime" => (MountAttrFlags::MOUNT_ATTR_NODIRATIME, true),
        "diratime" => (MountAttrFlags::MOUNT_ATTR_NODIRATIME, false),
        "nosymfollow" => (MountAttrFlags::MOUNT_ATTR_NOSYMFOLLOW, true),
        "noatime" => (MountAttrFlags::MOUNT_ATTR_NOATIME, true),
        "strictatime" => (MountAttrFlags::MOUNT_ATTR_STRICTATIME, true),
        _ => return None,
    })
}
