//! Helpers for containers' files. What they read and write passes the keeper by.

use super::complain;
use super::protocol::{Files, Reply};
use super::requests::{Answer, conflict};
use super::supervised::Stage;
use super::supervisor::Supervisor;
use crate::failure::Result;
use crate::process::{FilesHelper, NewFiles, fork_files};
use rustix::process::{Pid, Signal, kill_process};

/// Helpers at once.
const MOST: usize = 32;

/// A helper that hasn't been reaped.
#[derive(Debug)]
pub(super) struct Helper {
    pid: i32,
    container: String,
}

impl Supervisor {
    pub(super) fn files(&mut self, files: &Files) -> Result<Answer> {
        if self.helpers.len() >= MOST {
            return Err(conflict(format!("{MOST} copies are under way on this host: wait for one to end")));
        }
        let init = match self.find(&files.container) {
            None => None,
            Some((_, process)) => match process.stage {
                Stage::Running { .. } if process.container.is_none() && process.end.is_none() => Some(process.pid),
                Stage::Exited(_) => None,
                _ => return Err(conflict(format!("container {} is starting or ending", files.container))),
            },
        };
        let new =
            NewFiles { init, rootfs: &files.rootfs, mounts: &files.mounts, binds: &files.binds, wish: &files.wish };
        let host = self.running_host_or_conflict()?;
        let FilesHelper { pid, control, archive } = fork_files(&new, &host.namespaces)?;
        self.childless = false;
        self.helpers.push(Helper { pid, container: files.container.clone() });
        Ok(Answer::Now(Reply::Files, vec![control, archive]))
    }

    /// Ends the helpers of a container, or all: its root must not stay mounted once it has ended, for its next start mounts it again.
    pub(super) fn end_helpers(&self, container: Option<&str>) {
        let meant = |helper: &&Helper| container.is_none_or(|container| helper.container == container);
        for helper in self.helpers.iter().filter(meant) {
            // Not reaped yet: the number is still its own.
            let killed = Pid::from_raw(helper.pid).map(|pid| kill_process(pid, Signal::KILL));
            if let Some(Err(error)) = killed {
                complain(format_args!("a helper of container {} can't be ended: {error}", helper.container));
            }
        }
    }

    /// Whether it was a helper that has ended.
    pub(super) fn is_helper_gone(&mut self, pid: i32) -> bool {
        let before = self.helpers.len();
        self.helpers.retain(|helper| helper.pid != pid);
        self.helpers.len() < before
    }
}
