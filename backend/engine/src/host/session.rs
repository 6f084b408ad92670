//! What a shell of the workstation and everything begun in it are to the kernel: a session, known by its leader's process id.

use crate::{Error, Result};
use runtime::cgroup;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long processes may take to put their things in order once their terminal has gone.
const GRACE: Duration = Duration::from_millis(500);

/// Between two looks, and how many there are after the kernel was told to kill: who forks faster than that is the host's own fault.
const INTERVAL: Duration = Duration::from_millis(20);
const LOOKS: u32 = 100;

/// Bytes of a command line that are read: a tenant decides how long it is.
const LONGEST: u64 = 256;

/// Command lines that are told at most.
const MOST_COMMANDS: usize = 5;

/// The session of a process, within a control group.
#[derive(Debug, Clone)]
pub(super) struct Session {
    /// As the machine sees it.
    leader: i32,
    cgroup: String,
}

impl Session {
    pub(super) fn new(leader: i32, cgroup: String) -> Self {
        Self { leader, cgroup }
    }

    /// The command lines of what runs beside the leader: one for each job, in the order of their process ids.
    pub(super) fn commands(&self) -> Result<Vec<String>> {
        let mut groups = BTreeSet::from([self.leader]);
        let mut members = self.members()?;
        members.sort_by_key(|member| member.pid);
        members.retain(|member| groups.insert(member.group));
        Ok(members.iter().take(MOST_COMMANDS).map(|member| command_line(member.pid)).collect())
    }

    /// Ends all of it: tells it that its terminal has gone, waits a moment, then kills. Blocks. Errors: something is still there.
    pub(super) fn end(&self) -> Result<()> {
        // What has been stopped must go on to hear of it.
        self.signal(Signal::HUP)?;
        self.signal(Signal::CONT)?;
        let patience = Instant::now() + GRACE;
        while Instant::now() < patience {
            if self.members()?.is_empty() {
                return Ok(());
            }
            sleep(INTERVAL);
        }
        for _ in 0..LOOKS {
            if self.signal(Signal::KILL)? == 0 {
                return Ok(());
            }
            sleep(INTERVAL);
        }
        Err(Error::system("what runs in the terminal doesn't end, though it was killed"))
    }

    /// Answers how many there were.
    fn signal(&self, signal: Signal) -> Result<usize> {
        let members = self.members()?;
        for member in &members {
            // One that has ended meanwhile is as good as signalled.
            if let Err(error) = pidfd_send_signal(&member.pidfd, signal)
                && error != rustix::io::Errno::SRCH
            {
                return Err(Error::system(format!("cannot signal what runs in a terminal: {error}")));
            }
        }
        Ok(members.len())
    }

    /// Those that haven't ended.
    fn members(&self) -> Result<Vec<Member>> {
        let mut members: Vec<Member> =
            cgroup::processes(&self.cgroup)?.into_iter().filter_map(|pid| self.member(pid)).collect();
        // A number may have passed to another process before it was opened: who is still listed is the one that is meant.
        let still: BTreeSet<i32> = cgroup::processes(&self.cgroup)?.into_iter().collect();
        members.retain(|member| still.contains(&member.pid));
        Ok(members)
    }

    fn member(&self, pid: i32) -> Option<Member> {
        let pidfd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let Stat { state, group, session } = Stat::parse(&stat)?;
        (session == self.leader && !matches!(state, 'Z' | 'X')).then_some(Member { pid, group, pidfd })
    }
}

struct Member {
    pid: i32,
    group: i32,
    pidfd: OwnedFd,
}

/// What counts of `/proc/<pid>/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    state: char,
    group: i32,
    session: i32,
}

impl Stat {
    fn parse(text: &str) -> Option<Self> {
        // The name is the tenant's, and may have anything in it: what counts comes after its last bracket.
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        let state = fields.next()?.chars().next()?;
        let group = fields.nth(1)?.parse().ok()?;
        let session = fields.next()?.parse().ok()?;
        Some(Self { state, group, session })
    }
}

/// Empty if it has ended.
fn command_line(pid: i32) -> String {
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(format!("/proc/{pid}/cmdline")).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    if read.is_err() {
        bytes.clear();
    }
    let words = bytes.split(|&byte| byte == 0).map(String::from_utf8_lossy).collect::<Vec<_>>();
    words.join(" ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pretend_to_be_another_sessions() {
        let text = "4711 (x) S 1 1 1 1) R 4700 4711 4242 34816 4711 4194304";
        assert_eq!(Stat::parse(text), Some(Stat { state: 'R', group: 4711, session: 4242 }));
        assert_eq!(Stat::parse(""), None);
    }

    #[test]
    fn a_command_line_is_one_line() {
        let own = command_line(std::process::id() as i32);
        assert!(!own.is_empty() && !own.contains(['\0', '\n']));
        assert_eq!(command_line(-1), "");
    }
}
