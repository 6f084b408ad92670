//! Where the hierarchies are mounted.

use crate::failure::{Doing, Result, invalid};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The mounted hierarchies.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) v1: Vec<Hierarchy>,
    pub(crate) v2: Option<PathBuf>,
}

/// A hierarchy of version 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    pub(crate) path: PathBuf,
    /// What it is mounted by: its controllers, or `name=…`.
    pub(crate) controllers: Vec<String>,
}

/// The machine's hierarchies, looked up once: they don't move while it runs.
pub(crate) fn layout() -> Result<&'static Layout> {
    static LAYOUT: OnceLock<Layout> = OnceLock::new();
    if let Some(layout) = LAYOUT.get() {
        return Ok(layout);
    }
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").doing(|| "reading /proc/self/mountinfo".into())?;
    let layout = parse(&mounts);
    if layout.v1.is_empty() && layout.v2.is_none() {
        return Err(invalid("no cgroup hierarchy is mounted: mount one at /sys/fs/cgroup"));
    }
    Ok(LAYOUT.get_or_init(|| layout))
}

impl Layout {
    /// The group's directory in every hierarchy.
    pub(crate) fn directories(&self, path: &str) -> impl Iterator<Item = PathBuf> {
        let roots = self.v1.iter().map(|hierarchy| &hierarchy.path).chain(&self.v2);
        roots.map(move |root| root.join(path))
    }

    /// The hierarchy to list processes by: the one of version 2 can also kill them all at once.
    pub(crate) fn main(&self) -> &Path {
        let v1 = self.v1.first().map(|hierarchy| &hierarchy.path);
        self.v2.as_ref().or(v1).map_or(Path::new("/sys/fs/cgroup"), PathBuf::as_path)
    }

    pub(crate) fn v1_of(&self, controller: &str) -> Option<&Hierarchy> {
        self.v1.iter().find(|hierarchy| hierarchy.controllers.iter().any(|name| name == controller))
    }
}

fn parse(mounts: &str) -> Layout {
    let mut layout = Layout::default();
    for line in mounts.lines() {
        let Some((mount, super_block)) = line.split_once(" - ") else { continue };
        let mut mount = mount.split(' ').skip(3);
        let (Some(root), Some(path)) = (mount.next(), mount.next()) else { continue };
        let mut super_block = super_block.split(' ');
        let (kind, options) = (super_block.next(), super_block.nth(1).unwrap_or_default());
        // A bind mount of a part of a hierarchy isn't the hierarchy.
        if root != "/" {
            continue;
        }
        match kind {
            Some("cgroup2") => layout.v2 = layout.v2.or_else(|| Some(path.into())),
            Some("cgroup") => {
                let controllers = options.split(',').filter(|option| !is_flag(option)).map(str::to_owned).collect();
                let hierarchy = Hierarchy { path: path.into(), controllers };
                if !layout.v1.iter().any(|known| known.controllers == hierarchy.controllers) {
                    layout.v1.push(hierarchy);
                }
            }
            _ => {}
        }
    }
    layout
}

/// Options of the file system that aren't controllers.
fn is_flag(option: &str) -> bool {
    matches!(option, "rw" | "ro" | "xattr" | "clone_children" | "cpuset_v2_mode" | "favordynmods" | "noprefix" | "none")
        || option.starts_with("release_agent=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_hybrid_from_v2() {
        let hybrid = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:7 - cgroup cgroup rw,cpu,cpuacct\n\
            40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,release_agent=/x,name=systemd\n\
            41 31 0:38 /a /mnt rw - cgroup cgroup rw,memory\n\
            42 31 0:39 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let layout = parse(hybrid);
        assert_eq!(layout.v2.as_deref(), Some(Path::new("/sys/fs/cgroup/unified")));
        assert_eq!(layout.v1.len(), 2);
        assert_eq!(layout.v1_of("cpuacct").map(|found| found.path.clone()), Some("/sys/fs/cgroup/cpu,cpuacct".into()));
        assert!(layout.v1_of("name=systemd").is_some());
        assert!(layout.v1_of("memory").is_none(), "a part of a hierarchy isn't one");

        let v2 = parse("25 23 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n");
        assert_eq!(v2, Layout { v1: Vec::new(), v2: Some("/sys/fs/cgroup".into()) });
    }
}
