//! Who has a shell's terminal now: what the kernel knows of it, and nobody can pretend.

use super::VirtualHost;
use super::shell::shell_id;
use crate::{Error, Result};
use nix::libc;
use runtime::cgroup;
use runtime::keeper::protocol::{Reply, Request, WORKSTATION};
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

/// Bytes of a command line, or of a process's variables, that are read: a tenant decides how many there are.
const LONGEST: u64 = 16 * 1024;

/// Threads of a process that are looked at.
const MOST_THREADS: usize = 64;

/// Major numbers of pseudo-terminals, and the device number of `/dev/tty`.
const PTS: std::ops::RangeInclusive<u32> = 136..=143;
const TTY: (u32, u32) = (5, 0);

/// What is in front in a shell's terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreground {
    /// The shell itself: nothing that it started, but maybe something built into it.
    pub is_shell: bool,
    /// The terminal hands out whole lines. A shell at its prompt, an editor or a `docker run -it` has it hand out keys.
    pub canonical: bool,
    /// A program in front waits in a read of the terminal.
    pub reads: bool,
    /// The program's arguments, the first its name; empty if it has ended meanwhile.
    pub command: Vec<String>,
}

impl VirtualHost {
    /// What is in front in the learner's shell number `terminal`.
    ///
    /// # Errors
    /// Not found: no such shell. Not implemented: the host's keeper is older than this question.
    pub async fn foreground(&self, terminal: u8) -> Result<Foreground> {
        let (shell, group, canonical) = self.terminal(terminal).await?;
        let cgroup = self.cgroup_of(WORKSTATION);
        let look = move || {
            let members = members(&cgroup, group);
            Foreground {
                is_shell: group == shell,
                canonical,
                reads: members.iter().any(|pid| reads_terminal(*pid)),
                // Who began the group is what was typed; the others are what that started, or the rest of a pipe.
                command: members.iter().map(|pid| arguments(*pid)).find(|found| !found.is_empty()).unwrap_or_default(),
            }
        };
        tokio::task::spawn_blocking(look).await.map_err(|error| Error::system(error.to_string()))
    }

    /// A variable that a shell was begun with; `None` if it wasn't, or if that can't be known.
    pub(super) async fn variable_of_shell(&self, terminal: u8, name: &str) -> Option<String> {
        let (shell, ..) = self.terminal(terminal).await.ok()?;
        let variables = strings(shell, "environ");
        variables.iter().find_map(|variable| variable.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    }

    /// The shell, the process group in front, and whether the terminal hands out lines.
    async fn terminal(&self, terminal: u8) -> Result<(i32, i32, bool)> {
        match self.keeper.request(Request::Terminal { id: shell_id(terminal) }).await? {
            (Reply::Terminal { pid, foreground, canonical }, _) => Ok((pid, foreground, canonical)),
            _ => Err(Error::system("the keeper doesn't know its terminals: is it of another version?")),
        }
    }
}

/// The processes of a group, its leader first.
fn members(cgroup: &str, group: i32) -> Vec<i32> {
    let Ok(pids) = cgroup::processes(cgroup) else { return Vec::new() };
    let mut members: Vec<i32> = pids.into_iter().filter(|pid| group_of(*pid) == Some(group)).collect();
    members.sort_by_key(|pid| (*pid != group, *pid));
    members
}

fn group_of(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the last bracket is the tenant's: state, parent and group follow it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

fn arguments(pid: i32) -> Vec<String> {
    strings(pid, "cmdline")
}

/// Strings that end with a zero, from a file of `/proc`.
fn strings(pid: i32, file: &str) -> Vec<String> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(format!("/proc/{pid}/{file}"));
    // Who has ended has none.
    if opened.and_then(|file| file.take(LONGEST).read_to_end(&mut bytes)).is_err() {
        return Vec::new();
    }
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(&bytes);
    let strings = bytes.split(|byte| *byte == 0).map(|string| String::from_utf8_lossy(string).into_owned());
    strings.filter(|_| !bytes.is_empty()).collect()
}

/// Whether one of its threads waits in a `read` of a terminal.
fn reads_terminal(pid: i32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().take(MOST_THREADS).any(|thread| {
        let Ok(call) = fs::read_to_string(thread.path().join("syscall")) else { return false };
        let mut words = call.split_whitespace();
        let is_read = words.next().and_then(|number| number.parse().ok()) == Some(libc::SYS_read);
        let file = words.next().and_then(|fd| u32::from_str_radix(fd.trim_start_matches("0x"), 16).ok());
        is_read && file.is_some_and(|fd| is_terminal(pid, fd))
    })
}

/// Asks for the kind of an open file; nothing is opened.
fn is_terminal(pid: i32, fd: u32) -> bool {
    let device = fs::metadata(format!("/proc/{pid}/fd/{fd}")).map_or(0, |file| file.rdev());
    let (major, minor) = (libc::major(device), libc::minor(device));
    PTS.contains(&major) || (major, minor) == TTY
}
