//! From mount points to what a keeper binds.

use super::{MountKind, MountPoint};
use crate::container::Container;
use crate::host::VirtualHost;
use crate::{Error, Result};
use runtime::process::{Access, Bind, Source};

impl VirtualHost {
    /// Errors: a volume is gone, or something can't be where it is to be.
    pub(crate) fn binds(&self, container: &Container) -> Result<Vec<Bind>> {
        let bound = container.mounts.iter().filter(|point| point.kind != MountKind::Tmpfs);
        let binds: Vec<Bind> = bound.map(|point| self.bind(point)).collect::<Result<_>>()?;
        if !binds.is_empty() {
            self.check_volumes_known()?;
        }
        Ok(binds)
    }

    fn bind(&self, point: &MountPoint) -> Result<Bind> {
        check(point)?;
        let (source, read_only, recursive) = match point.kind {
            MountKind::Volume => {
                let (source, read_only) = self.volume_source(&point.name, &point.subpath)?;
                (source, read_only, false)
            }
            MountKind::Bind | MountKind::Tmpfs => {
                let source = Source::Workstation { path: point.source.clone().into(), make: point.make };
                (source, false, !point.non_recursive)
            }
        };
        let access = match (point.writable && !read_only, point.read_only_non_recursive) {
            (true, _) => Access::ReadWrite,
            (false, true) => Access::ReadOnly,
            (false, false) => Access::ReadOnlyRecursive,
        };
        Ok(Bind { target: point.target.clone().into(), source, access, recursive })
    }
}

/// What Docker finds at the start, too.
fn check(point: &MountPoint) -> Result<()> {
    let MountPoint { source, target, .. } = point;
    // Nothing that is mounted in the workstation is shared with anybody.
    let kind = match point.propagation.trim_start_matches('r') {
        "shared" => "shared mount",
        "slave" => "shared or slave mount",
        _ => "",
    };
    if !kind.is_empty() {
        return Err(Error::invalid(format!("path {source} is mounted on / but it is not a {kind}")));
    }
    // What is confined there would be a tenant's to say.
    if target == "/proc" || target.starts_with("/proc/") || target == "/dev" {
        return Err(Error::invalid(format!(
            "error mounting \"{}\" to rootfs at \"{target}\": {target} of a container belongs to the kernel's own file systems",
            point.shown_source()
        )));
    }
    Ok(())
}
