//! The checks, from the kernel up.

use super::{Check, Status};
use crate::room;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Every check, in the order in which one would repair things.
pub(super) fn all() -> Vec<Check> {
    let release = read("/proc/sys/kernel/osrelease");
    vec![
        kernel(&release),
        overlay(),
        user_namespaces(),
        cgroups(),
        root(),
        loop_devices(),
        room_for_hosts(),
        program("mke2fs", "disks of virtual hosts, and so a bound for each", "apt-get install e2fsprogs"),
        program("nft", "the way out of virtual hosts", "apt-get install nftables"),
        program("mmdebstrap", "building the base images", "apt-get install mmdebstrap"),
    ]
}

/// Overlay on idmapped layers came with 5.19, layers by file descriptor (`lowerdir+`) with 6.13.
fn kernel(release: &str) -> Check {
    let (status, advice) = match version(release) {
        Some(version) if version >= (6, 13) => (Status::Good, ""),
        Some(version) if version >= (5, 19) => {
            (Status::Lacking, "works; from 6.13 on containers start a little faster (fsconfig lowerdir+)")
        }
        _ => (Status::Missing, "Linux 5.19 or newer is needed (overlay on idmapped mounts): Debian 12 has 6.1"),
    };
    Check { name: "kernel", status, found: format!("Linux {release}"), advice }
}

fn overlay() -> Check {
    let there =
        fs::read_to_string("/proc/filesystems").is_ok_and(|text| text.lines().any(|line| line.ends_with("\toverlay")));
    let (status, found, advice) =
        if there { (Status::Good, "there", "") } else { (Status::Missing, "not loaded", "modprobe overlay") };
    Check { name: "overlay file system", status, found: found.to_owned(), advice }
}

fn user_namespaces() -> Check {
    let limit = read("/proc/sys/user/max_user_namespaces");
    let (status, advice) = match limit.parse::<u64>() {
        Ok(0) | Err(_) => (Status::Missing, "sysctl user.max_user_namespaces=15000"),
        Ok(_) => (Status::Good, ""),
    };
    let found = if limit.is_empty() { "none".to_owned() } else { format!("at most {limit}") };
    Check { name: "user namespaces", status, found, advice }
}

fn cgroups() -> Check {
    let controllers = read("/sys/fs/cgroup/cgroup.controllers");
    let v1 = ["memory", "pids"].iter().all(|name| Path::new("/sys/fs/cgroup").join(name).join("tasks").exists());
    let has = |name| controllers.split_whitespace().any(|controller| controller == name);
    let (status, found, advice) = if has("memory") && has("pids") && has("cpu") {
        (Status::Good, format!("version 2: {controllers}"), "")
    } else if v1 {
        (Status::Good, "version 1".to_owned(), "")
    } else {
        let advice = "limits need the controllers memory, pids and cpu: mount cgroup2 at /sys/fs/cgroup";
        (Status::Missing, format!("no controllers that limit ({controllers})"), advice)
    };
    Check { name: "cgroups", status, found, advice }
}

/// Without them a virtual host may fill the machine's disk.
fn loop_devices() -> Check {
    let (status, found, advice) = if Path::new("/dev/loop-control").exists() {
        (Status::Good, "there", "")
    } else {
        let advice =
            "modprobe loop; without, each virtual host may fill this machine's disk (in a container there are none)";
        (Status::Lacking, "none", advice)
    };
    Check { name: "loop devices", status, found: found.to_owned(), advice }
}

fn room_for_hosts() -> Check {
    let (hosts, raise) = room::for_hosts();
    let (status, advice) = match hosts {
        0 => (Status::Missing, raise),
        1..1000 => (Status::Lacking, raise),
        _ => (Status::Good, ""),
    };
    Check { name: "room", status, found: format!("for about {hosts} virtual hosts at once"), advice }
}

fn root() -> Check {
    // The owner of a process's directory is its effective user.
    let user = fs::metadata("/proc/self").map(|metadata| metadata.uid());
    let (status, found, advice) = match user {
        Ok(0) => (Status::Good, "root".to_owned(), ""),
        Ok(user) => (Status::Missing, format!("user {user}"), "run it as root: containers themselves never are"),
        Err(error) => (Status::Missing, error.to_string(), "mount /proc"),
    };
    Check { name: "rights", status, found, advice }
}

fn program(name: &'static str, purpose: &str, advice: &'static str) -> Check {
    // As root's, whatever the PATH of who asks: this is where packages put them.
    let found = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.is_file());
    match found {
        Some(path) => Check { name, status: Status::Good, found: path.display().to_string(), advice: "" },
        None => Check { name, status: Status::Missing, found: format!("not installed; for {purpose}"), advice },
    }
}

/// A file's one line; empty if it can't be read.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// Major and minor of `6.1.0-28-amd64`.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_told_apart() {
        let expected = [
            ("6.18.2", Status::Good),
            ("6.13.0-rc1", Status::Good),
            ("6.1.0-28-amd64", Status::Lacking),
            ("5.19", Status::Lacking),
            ("5.10.0-33-amd64", Status::Missing),
            ("", Status::Missing),
            ("linux", Status::Missing),
        ];
        for (release, status) in expected {
            assert_eq!(kernel(release).status, status, "{release}");
        }
    }

    #[test]
    fn what_is_not_good_comes_with_advice() {
        for check in all() {
            assert_eq!(check.status == Status::Good, check.advice.is_empty(), "{check:?}");
        }
    }
}
