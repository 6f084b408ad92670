//! A host whose memory is used up: what has taken it is ended, and everything else lives on.
//!
//! A container is ended as a whole: nothing less gives back what lies in its tmpfs. In the workstation it is the job that has taken most.

use super::canary::workstation_of;
use super::complain;
use super::job::{self, Job};
use super::protocol::{Event, OutOfMemory, Victim, WORKSTATION};
use super::supervised::{Stage, Supervised};
use super::supervisor::Supervisor;
use crate::cgroup;
use crate::failure::{Doing, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// Between two looks.
const INTERVAL: Duration = Duration::from_millis(10);
/// How long the kernel may take to write to the disk what it holds for it, before somebody is ended all the same.
const FOR_CACHED: Duration = Duration::from_secs(1);
/// How long who was ended may take to go, before another one is ended.
const TO_END: Duration = Duration::from_secs(3);

/// A shortage that isn't over.
#[derive(Debug)]
pub(super) struct Shortage {
    since: Instant,
    next_look: Instant,
    /// It was seen to be this host's.
    is_ours: bool,
    /// Who was ended, by a pidfd, and when.
    ending: Option<(OwnedFd, Instant)>,
}

impl Supervisor {
    /// When memory is to be looked at, or a canary to be made.
    pub(super) fn memory_deadline(&self) -> Option<Instant> {
        let look = self.shortage.as_ref().map(|shortage| shortage.next_look);
        look.into_iter().chain(self.canary.due()).min()
    }

    /// The canary has ended, or is about to.
    pub(super) fn memory_is_short(&mut self) {
        let now = Instant::now();
        self.shortage.get_or_insert(Shortage { since: now, next_look: now, is_ours: false, ending: None });
    }

    /// Does what is due about memory.
    pub(super) fn settle_memory(&mut self) {
        if self.stopping.is_some() {
            self.shortage = None;
            return self.canary.end();
        }
        let now = Instant::now();
        if self.canary.due().is_some_and(|due| due <= now) {
            self.make_canary();
        }
        if let Some(shortage) = self.shortage.take_if(|shortage| shortage.next_look <= now) {
            match self.look_at(shortage, now) {
                Ok(Some(shortage)) => self.shortage = Some(Shortage { next_look: now + INTERVAL, ..shortage }),
                Ok(None) => self.canary.let_go(),
                Err(failure) => {
                    complain(format_args!("{}", failure.message));
                    self.canary.let_go();
                    self.canary.rest();
                }
            }
        }
    }

    /// What is left of a shortage.
    fn look_at(&mut self, mut shortage: Shortage, now: Instant) -> Result<Option<Shortage>> {
        match &shortage.ending {
            Some((pidfd, _)) if has_ended(pidfd) => return Ok(None),
            Some((_, since)) if now - *since < TO_END => return Ok(Some(shortage)),
            _ => {}
        }
        let (limit, filled) = (self.config.limits.memory, cgroup::filled(&self.cgroup)?);
        let full = limit - limit / 8;
        if filled.total < full {
            if !shortage.is_ours {
                self.canary.rest();
            } else if !self.canary.lives() {
                self.make_canary();
            }
            return Ok(None);
        }
        shortage.is_ours = true;
        if filled.firmly() < full && now - shortage.since < FOR_CACHED {
            return Ok(Some(shortage));
        }
        // Whoever the kernel chooses next must be a canary, too.
        if !self.canary.lives() {
            self.make_canary();
        }
        let Some(pidfd) = self.end_greatest()? else {
            complain(format_args!("the host's memory is used up, and there is nobody to be ended"));
            self.canary.end();
            self.canary.rest();
            return Ok(None);
        };
        Ok(Some(Shortage { ending: Some((pidfd, now)), ..shortage }))
    }

    /// Ends what has taken most, and tells of it. The answer is a pidfd to wait for its end with; `None`: there is nobody.
    fn end_greatest(&mut self) -> Result<Option<OwnedFd>> {
        let containers = self.processes.values().filter(|process| is_container(process)).filter_map(|process| {
            let group = process.cgroup.as_deref()?;
            Some((cgroup::filled(group).ok()?.firmly(), process.key))
        });
        let container = containers.max_by_key(|(held, _)| *held);
        let workstation = workstation_of(&self.cgroup);
        let filled = cgroup::filled(&workstation)?;
        // Its files in memory stay, whoever is ended; their mounts are small.
        let in_processes = filled.firmly().saturating_sub(filled.shared);
        if container.is_none_or(|(held, _)| held < in_processes)
            && let Some(job) = self.greatest_job(&workstation, in_processes)?
        {
            let (victim, pidfd) = job.end()?;
            self.engines.announce(Event::OutOfMemory(OutOfMemory { victim, held: in_processes }));
            return Ok(Some(pidfd));
        }
        let Some((held, key)) = container else { return Ok(None) };
        let Some(process) = self.processes.get_mut(&key) else { return Ok(None) };
        let (Some(group), Some(pidfd)) = (&process.cgroup, &process.pidfd) else { return Ok(None) };
        let pidfd = pidfd.try_clone().doing(|| format!("referring to {}", process.id))?;
        cgroup::kill(group)?;
        process.out_of_memory = true;
        let victim = Victim::Container { id: process.id.clone() };
        self.engines.announce(Event::OutOfMemory(OutOfMemory { victim, held }));
        Ok(Some(pidfd))
    }

    fn greatest_job(&self, workstation: &str, held: u64) -> Result<Option<Job>> {
        let spared: Vec<i32> = self.host.iter().map(|host| host.namespaces.init).chain(self.canary.pids()).collect();
        let is_shell = |process: &&Supervised| process.container.as_deref() == Some(WORKSTATION);
        let shells: Vec<i32> = self.processes.values().filter(is_shell).map(|process| process.pid).collect();
        job::greatest(workstation, &spared, &shells, held)
    }
}

/// Whether it is a container's first process, and there is something to be ended.
fn is_container(process: &Supervised) -> bool {
    let lives = process.end.is_none() && !matches!(process.stage, Stage::Exited(_) | Stage::Leaving);
    process.container.is_none() && process.id != WORKSTATION && process.pidfd.is_some() && lives
}

fn has_ended(pidfd: &OwnedFd) -> bool {
    let mut fds = [PollFd::new(pidfd, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|ready| ready > 0)
}
