//! What fills a group's memory.

use super::layout::Layout;
use crate::failure::{Doing, Result, invalid};
use std::path::Path;

/// Bytes in the memory and the swap of a group and of those below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    pub total: u64,
    /// Cached parts of files that are on disks: the kernel takes them back before it ends anybody.
    pub cached: u64,
    /// Files in memory: those of tmpfs, and shared memory. They outlive the processes that wrote them.
    pub shared: u64,
}

impl Filled {
    /// What the kernel can't take back.
    pub fn firmly(self) -> u64 {
        self.total.saturating_sub(self.cached)
    }
}

pub(super) fn read(layout: &Layout, path: &str) -> Result<Filled> {
    let (directory, total, table) = match layout.v1_of("memory") {
        Some(hierarchy) => {
            let directory = hierarchy.path.join(path);
            // Without swap the kernel doesn't count both together.
            let both = number(&directory.join("memory.memsw.usage_in_bytes"));
            let total = both.or_else(|_| number(&directory.join("memory.usage_in_bytes")))?;
            (directory, total, ["total_active_file", "total_inactive_file", "total_shmem"])
        }
        None if layout.v1.is_empty() => {
            let directory = layout.main().join(path);
            let swap = number(&directory.join("memory.swap.current")).unwrap_or(0);
            let total = number(&directory.join("memory.current"))?.saturating_add(swap);
            (directory, total, ["active_file", "inactive_file", "shmem"])
        }
        None => return Err(invalid("no cgroup hierarchy counts memory")),
    };
    let file = directory.join("memory.stat");
    let text = std::fs::read_to_string(&file).doing(|| format!("reading {}", file.display()))?;
    let [active, inactive, shared] = table.map(|name| find(&text, name));
    Ok(Filled { total, cached: active + inactive, shared })
}

fn number(file: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(file).doing(|| format!("reading {}", file.display()))?;
    text.trim().parse().map_err(|_| invalid(format!("{} holds {text:?}, which is no number", file.display())))
}

/// The figure of that name; 0 if there is none.
fn find(table: &str, name: &str) -> u64 {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
    table.lines().find_map(value).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cached_can_be_taken_back() {
        let table = "inactive_file 1\nshmem 4096\ntotal_inactive_file 8192\ntotal_shmem 12288\n";
        assert_eq!(find(table, "total_inactive_file"), 8192);
        assert_eq!(find(table, "shmem"), 4096);
        assert_eq!(find(table, "active_file"), 0);
        assert_eq!(Filled { total: 20_480, cached: 8192, shared: 0 }.firmly(), 12_288);
    }
}
