//! How many virtual hosts this machine's kernel has room for.

use rustix::process::{Resource, getrlimit};
use std::fs;

/// Something that the machine has a certain number of, and each virtual host takes some of.
struct Bound {
    path: &'static str,
    /// What others keep of it.
    kept: u64,
    /// What a host takes, with a container or two.
    each: u64,
    raise: &'static str,
}

const BOUNDS: [Bound; 4] = [
    // The kernel keeps as many for the machine's own terminals as `kernel.pty.reserve` says: 1024 unless somebody changed it.
    Bound { path: "kernel/pty/max", kept: 1024, each: 2, raise: "sysctl kernel.pty.max=16384" },
    Bound { path: "kernel/pid_max", kept: 1024, each: 8, raise: "sysctl kernel.pid_max=4194304" },
    Bound { path: "user/max_user_namespaces", kept: 0, each: 1, raise: "sysctl user.max_user_namespaces=100000" },
    Bound { path: "user/max_net_namespaces", kept: 1, each: 3, raise: "sysctl user.max_net_namespaces=100000" },
];

/// Open files that the server has for itself, and for each host that somebody looks at.
const KEPT_FILES: u64 = 256;
const FILES: u64 = 7;

/// How many there can be, and what the bound is raised by. What can't be read bounds nothing.
pub(crate) fn for_hosts() -> (u64, &'static str) {
    let bounds = BOUNDS.iter().filter_map(|bound| {
        let most: u64 = fs::read_to_string(format!("/proc/sys/{}", bound.path)).ok()?.trim().parse().ok()?;
        Some((most.saturating_sub(bound.kept) / bound.each, bound.raise))
    });
    let files = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX).saturating_sub(KEPT_FILES) / FILES;
    let files = (files, "raise the limit of open files (systemd: LimitNOFILE=65536)");
    bounds.chain([files]).min_by_key(|(hosts, _)| *hosts).unwrap_or(files)
}
