//! Removing the cgroups of a daemon, or of an engine, that was killed.

use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

const ROOT: &str = "/sys/fs/cgroup";

/// Removes a cgroup of all hierarchies, with what is below it. Nobody must be in it any more.
pub fn remove(name: impl AsRef<Path>) {
    for hierarchy in fs::read_dir(ROOT).into_iter().flatten().flatten() {
        remove_tree(&hierarchy.path().join(&name));
    }
    remove_tree(&Path::new(ROOT).join(name));
}

fn remove_tree(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_tree(&entry.path());
        }
    }
    // Processes just killed may take a moment to go.
    for _ in 0..50 {
        if !path.exists() || fs::remove_dir(path).is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
}
