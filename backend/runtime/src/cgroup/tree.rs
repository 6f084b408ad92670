//! Walking a group and those below it. Both versions have the same files for that.

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill as send};
use nix::unistd::Pid;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long an emptied group may stay busy.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn processes(directory: &Path) -> Result<Vec<i32>> {
    let text = std::fs::read_to_string(directory.join("cgroup.procs"))?;
    let mut found: Vec<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
    for child in children(directory)? {
        match processes(&child) {
            Ok(more) => found.extend(more),
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

pub(super) fn kill(directory: &Path) -> Result<()> {
    match std::fs::write(directory.join("cgroup.kill"), "1") {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound && directory.exists() => {}
        Err(error) if is_gone(&error) => return Ok(()),
        Err(error) => return Err(error),
    }
    // Without `cgroup.kill` (version 1, or before Linux 5.14) new ones may be forked meanwhile: again until none is left.
    let end = Instant::now() + PATIENCE;
    loop {
        let found = match processes(directory) {
            Err(error) if is_gone(&error) => return Ok(()),
            other => other?,
        };
        if found.is_empty() || Instant::now() > end {
            return Ok(());
        }
        for pid in found {
            match send(Pid::from_raw(pid), Signal::SIGKILL) {
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(error) => return Err(error.into()),
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

pub(super) fn remove(directory: &Path) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match remove_once(directory) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(1));
            }
            other => return other,
        }
    }
}

fn remove_once(directory: &Path) -> Result<()> {
    match std::fs::remove_dir(directory) {
        Ok(()) => return Ok(()),
        Err(error) if is_gone(&error) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::ResourceBusy => {}
        Err(error) => return Err(error),
    }
    for child in children(directory)? {
        remove_once(&child)?;
    }
    std::fs::remove_dir(directory)
}

fn children(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// `ENODEV` is what reading a file of a group says when the group has just been removed.
fn is_gone(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(Errno::ENODEV as i32)
}
