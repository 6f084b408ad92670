//! What a keeper leaves behind when it is killed: nothing that runs, but its cgroups.

use super::cgroup_of;
use crate::cgroup;
use crate::failure::Result;

/// Kills what may be left of a virtual host whose keeper is gone, and removes its cgroups. Blocks, for a second at most.
///
/// # Errors
/// If something can't be killed, or a cgroup can't be removed.
pub fn sweep(host: &str) -> Result<()> {
    let cgroup = cgroup_of(host);
    cgroup::kill(&cgroup)?;
    cgroup::remove(&cgroup)
}
