//! `/dev`: a tmpfs of the machine's root with the six devices that every container has, and nothing else.
//!
//! The devices are made here rather than bound from the machine's `/dev`: one mount instead of seven, they belong to the
//! container's root, and there is no path that anything could have been put at.

use super::options::Options;
use crate::failure::{Doing, Result, invalid};
use crate::filesystem::{NewFilesystem, clone_fd};
use oci_spec::runtime::{LinuxDevice, LinuxDeviceType};
use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, chmodat, chownat, fstat, major, makedev, minor, mknodat, openat,
    symlinkat,
};
use std::os::fd::OwnedFd;
use std::path::Path;

/// Name, major and minor number of each.
const DEVICES: [(&str, u32, u32); 6] =
    [("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

/// The mount for `/dev`, nowhere yet. Done by the machine's root: nobody else may make devices.
pub(crate) fn tmpfs(options: &Options, further: &[LinuxDevice], id_base: u32) -> Result<OwnedFd> {
    let id = id_base.to_string();
    let tmpfs = NewFilesystem::open("tmpfs")?;
    for (key, value) in &options.data {
        match value {
            Some(value) => tmpfs.set(key, value)?,
            None => tmpfs.set_flag(key)?,
        }
    }
    tmpfs.set("uid", &id)?;
    tmpfs.set("gid", &id)?;
    let mount = tmpfs.mount(options.set)?;
    let (uid, gid) = (Some(Uid::from_raw(id_base)), Some(Gid::from_raw(id_base)));
    let directory = openat(&mount, c".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .doing(|| "opening the new /dev".into())?;
    let listed = DEVICES.iter().map(|&(name, major, minor)| (Path::new(name), major, minor));
    for (name, major, minor) in listed.chain(further.iter().filter_map(named_otherwise)) {
        mknodat(&directory, name, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(major, minor))
            // The umask has taken something from the mode.
            .and_then(|()| chmodat(&directory, name, Mode::from_raw_mode(0o666), AtFlags::empty()))
            .and_then(|()| chownat(&directory, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW))
            .doing(|| format!("making the device /dev/{}", name.display()))?;
    }
    for (name, target) in LINKS {
        symlinkat(target, &directory, name)
            .and_then(|()| chownat(&directory, name, uid, gid, AtFlags::SYMLINK_NOFOLLOW))
            .doing(|| format!("making the link /dev/{name}"))?;
    }
    Ok(mount)
}

/// A mount of the machine's `/dev/null`, nowhere yet, certain to be that very device.
pub(crate) fn null() -> Result<OwnedFd> {
    let null = openat(CWD, c"/dev/null", OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        .doing(|| "opening /dev/null".into())?;
    let found = fstat(&null).doing(|| "looking at /dev/null".into())?;
    let is_device = FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice;
    if !is_device || (major(found.st_rdev), minor(found.st_rdev)) != (1, 3) {
        return Err(invalid("/dev/null of the machine is not the device 1:3"));
    }
    clone_fd(&null, false).doing(|| "cloning the mount of /dev/null".into())
}

/// One of the six under a name of its own.
fn named_otherwise(device: &LinuxDevice) -> Option<(&Path, u32, u32)> {
    let name = Path::new(device.path().file_name()?);
    let is_taken = DEVICES.iter().any(|(taken, ..)| Path::new(taken) == name);
    (!is_taken).then_some((name, u32::try_from(device.major()).ok()?, u32::try_from(device.minor()).ok()?))
}

/// Devices beyond the six would be the machine's. Each may have another name, directly in `/dev`, that isn't one of theirs.
pub(crate) fn check(devices: &[LinuxDevice]) -> Result<()> {
    let known = |device: &&LinuxDevice| {
        let in_dev = device.path().parent() == Some(Path::new("/dev"));
        in_dev
            && matches!(device.typ(), LinuxDeviceType::C | LinuxDeviceType::U)
            && DEVICES.iter().any(|&(name, major, minor)| {
                (device.major(), device.minor()) == (i64::from(major), i64::from(minor))
                    && (device.path().ends_with(name) || named_otherwise(device).is_some())
            })
    };
    match devices.iter().find(|device| !known(device)) {
        Some(device) => {
            let name = device.path().display();
            Err(invalid(format!("the device {name} can't be given to a container: it is the machine's")))
        }
        None => Ok(()),
    }
}
