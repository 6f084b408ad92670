//! How much memory processes use.

use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// PSS of a process and of all its descendants, in bytes: what is shared counts for each in part.
pub(crate) fn of_tree(process: u32) -> Result<u64> {
    Ok(of_processes(&tree(process)?))
}

/// PSS of all processes of a program and of their descendants, in bytes.
pub(crate) fn of_program(program: &Path) -> Result<u64> {
    Ok(of_processes(&descendants(of(program)?)?))
}

/// The processes that run this very file.
pub(crate) fn of(program: &Path) -> Result<Vec<u32>> {
    let runs = |process: &u32| fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|file| file == program);
    Ok(parents()?.into_keys().filter(runs).collect())
}

/// PSS of processes, in bytes.
pub(crate) fn of_processes(processes: &[u32]) -> u64 {
    // One that has ended meanwhile uses none.
    let rollups =
        processes.iter().filter_map(|process| fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok());
    rollups.filter_map(|rollup| pss(&rollup)).sum()
}

/// A process and all its descendants.
pub(crate) fn tree(process: u32) -> Result<Vec<u32>> {
    descendants(vec![process])
}

/// Processes and all their descendants.
fn descendants(mut open: Vec<u32>) -> Result<Vec<u32>> {
    let parents = parents()?;
    let mut seen = BTreeSet::new();
    while let Some(process) = open.pop() {
        if seen.insert(process) {
            open.extend(parents.iter().filter(|&(_, &parent)| parent == process).map(|(&child, _)| child));
        }
    }
    Ok(seen.into_iter().collect())
}

/// Each process's parent.
pub(crate) fn parents() -> Result<BTreeMap<u32, u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc").context("could not read /proc")? {
        let Some(process) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        if let Some(parent) = parent(&stat) {
            parents.insert(process, parent);
        }
    }
    Ok(parents)
}

/// The fourth field; the second one is a name that may have anything in it, but ends with the last `)`.
fn parent(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn pss(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::{parent, pss};

    #[test]
    fn reads_the_parent_after_any_name() {
        assert_eq!(parent("12 (a) S 3) S 7 12 12 0"), Some(7));
        assert_eq!(parent("12"), None);
    }

    #[test]
    fn reads_pss() {
        assert_eq!(pss("x\nRss:  9 kB\nPss:              12 kB\nPss_Dirty: 1 kB\n"), Some(12 * 1024));
        assert_eq!(pss("Rss: 9 kB\n"), None);
    }
}
