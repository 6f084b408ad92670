//! What runs in the workstation, by jobs: a shell puts all processes of a line into one process group.

use super::protocol::Victim;
use super::signal;
use crate::cgroup;
use crate::failure::Result;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use std::collections::BTreeMap;
use std::fs::{File, read_dir};
use std::io::Read;
use std::os::fd::OwnedFd;

/// Bytes of a command line that are told.
const LONGEST_COMMAND: u64 = 200;

/// Bytes of a file in `/proc` that are read; none that is asked for here is longer.
const LONGEST: u64 = 16 * 1024;

/// A shell counts for so much less than other jobs: it is ended only if it is what has grown.
const SHELLS_ARE_SPARED: u64 = 4;

/// Processes that belong together.
#[derive(Debug, Default)]
pub(super) struct Job {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    pid: i32,
    pidfd: OwnedFd,
    job: i32,
    is_shell: bool,
    /// Bytes of its own.
    memory: u64,
    /// Open files: what waits in pipes and sockets is nobody's memory.
    files: u64,
}

/// The job in a group that has taken most of the `held` bytes. Those in `spared` aren't looked at; those in `shells` are ended last.
///
/// # Errors
/// If the group can't be read.
pub(super) fn greatest(group: &str, spared: &[i32], shells: &[i32], held: u64) -> Result<Option<Job>> {
    let mut members: Vec<Member> = cgroup::processes(group)?
        .into_iter()
        .filter(|pid| !spared.contains(pid))
        .filter_map(|pid| member(pid, shells.contains(&pid)))
        .collect();
    // A number may have passed to another process before it was opened: who is still listed is the one that is meant.
    let still = cgroup::processes(group)?;
    members.retain(|member| still.contains(&member.pid));
    let in_files = members.iter().map(|member| member.memory).sum::<u64>() < held / 2;
    let taken = |member: &Member| {
        let taken = if in_files { member.files } else { member.memory };
        if member.is_shell { taken / SHELLS_ARE_SPARED } else { taken }
    };
    let mut jobs: BTreeMap<i32, (u64, Job)> = BTreeMap::new();
    for member in members {
        let (sum, job) = jobs.entry(member.job).or_default();
        *sum += taken(&member);
        job.members.push(member);
    }
    let greatest = jobs.into_values().max_by_key(|(sum, _)| *sum);
    Ok(greatest.map(|(_, mut job)| {
        if job.members.iter().any(|member| !member.is_shell) {
            job.members.retain(|member| !member.is_shell);
        }
        job.members.sort_by_key(|member| std::cmp::Reverse(taken(member)));
        job
    }))
}

impl Job {
    /// Ends it: which process took most, and a pidfd of that.
    pub(super) fn end(self) -> Result<(Victim, OwnedFd)> {
        let told = self.members.first().map(|first| Victim::Process {
            pid: pid_inside(first.pid).unwrap_or(0),
            command: command(first.pid),
            shell: first.is_shell,
        });
        for member in &self.members {
            signal::send(&member.pidfd, Signal::KILL, &format!("process {}", member.pid))?;
        }
        let first = self.members.into_iter().next();
        told.zip(first.map(|first| first.pidfd))
            .ok_or_else(|| super::requests::conflict("the job has ended".to_owned()))
    }
}

/// `None`: it has ended.
fn member(pid: i32, is_shell: bool) -> Option<Member> {
    let pidfd = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    let stat = read(pid, "stat")?;
    // proc(5): the second field is in brackets; the process group is the fifth, pages of memory the 24th.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(2);
    let job = fields.next()?.parse().ok()?;
    let pages: u64 = fields.nth(18)?.parse().ok()?;
    let files = read_dir(format!("/proc/{pid}/fd")).map_or(0, |files| files.count() as u64);
    Some(Member { pid, pidfd, job, is_shell, memory: pages * rustix::param::page_size() as u64, files })
}

/// Its number as the virtual host sees it.
fn pid_inside(pid: i32) -> Option<i32> {
    let status = read(pid, "status")?;
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    numbers.split_whitespace().nth(1)?.parse().ok()
}

/// As it was called, or its name if it says nothing of that.
fn command(pid: i32) -> String {
    let mut bytes = Vec::new();
    let file = File::open(format!("/proc/{pid}/cmdline"));
    // What has ended meanwhile has no command line any more.
    let _ = file.and_then(|file| file.take(LONGEST_COMMAND).read_to_end(&mut bytes));
    let words: Vec<_> = bytes.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    let line = words.join(" ").trim_end().to_owned();
    if line.is_empty() { read(pid, "comm").unwrap_or_default().trim_end().to_owned() } else { line }
}

fn read(pid: i32, name: &str) -> Option<String> {
    let mut text = Vec::new();
    File::open(format!("/proc/{pid}/{name}")).and_then(|file| file.take(LONGEST).read_to_end(&mut text)).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}
