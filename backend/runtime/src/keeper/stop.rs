//! The end of a keeper: after its host's, or instead of it.

use super::engines::Caller;
use super::protocol::{Reply, WORKSTATION};
use super::supervised::Stage;
use super::supervisor::Supervisor;
use super::{complain, signal};
use crate::cgroup;
use crate::failure::{Failure, FailureKind};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// A keeper that is about to end.
#[derive(Debug)]
pub(super) struct Stopping {
    since: Instant,
    next_look: Instant,
    /// Why the host never was there.
    failure: Option<Failure>,
    /// An engine knows of the failure.
    told: bool,
    /// Who has asked for the end.
    pub(super) callers: Vec<Caller>,
    /// When all was cleaned up.
    cleaned: Option<Instant>,
}

/// Between two looks at what is left.
const INTERVAL: Duration = Duration::from_millis(50);
/// After this, what is left is killed one by one: a builder may not have been inside the host yet.
const IMPATIENCE: Duration = Duration::from_millis(500);
/// After this the keeper ends though something is left.
const LAST: Duration = Duration::from_secs(10);
/// How long engines and clients may take to read the rest.
const LINGER: Duration = Duration::from_secs(1);

impl Stopping {
    pub(super) fn next_look(&self) -> Instant {
        self.next_look
    }

    /// Whether nothing of the host is left.
    pub(super) fn is_cleaned(&self) -> bool {
        self.cleaned.is_some()
    }
}

impl Supervisor {
    /// Ends the host, and then the keeper. With a failure, engines that ask within ten seconds hear of it.
    pub(super) fn stop(&mut self, failure: Option<Failure>) {
        if let Some(failure) = &failure {
            complain(format_args!("the host ends: {}", failure.message));
        }
        if self.stopping.is_none() {
            let now = Instant::now();
            let stopping =
                Stopping { since: now, next_look: now, failure, told: false, callers: Vec::new(), cleaned: None };
            self.stopping = Some(stopping);
        }
        self.end_helpers(None);
        let init = self.host_init().and_then(|init| init.pidfd.as_ref());
        if let Some(Err(failure)) = init.map(|init| signal::send(init, Signal::KILL, WORKSTATION)) {
            complain(format_args!("{}", failure.message));
        }
        self.reap();
    }

    /// Goes on with the end, if it has begun.
    pub(super) fn settle_stop(&mut self) {
        let Some(stopping) = &mut self.stopping else { return };
        let now = Instant::now();
        stopping.next_look = now + INTERVAL;
        if stopping.is_cleaned() {
            return;
        }
        let waited = now - stopping.since;
        if waited > IMPATIENCE
            && let Err(failure) = cgroup::kill(&self.cgroup)
        {
            complain(format_args!("{}", failure.message));
        }
        let told = |stage: &Stage| matches!(stage, Stage::Exited(_) | Stage::Leaving);
        let done = self.childless && self.processes.values().all(|it| told(&it.stage) || it.pid == 0);
        if !done && waited < LAST {
            return;
        }
        stopping.cleaned = Some(now);
        let mut outcome = cgroup::remove(&self.cgroup);
        if !done {
            let message = format!("some processes of host {} can't be killed", self.config.id);
            outcome = Err(Failure { kind: FailureKind::System, message });
        }
        if let Err(failure) = &outcome {
            complain(format_args!("{}", failure.message));
        }
        for caller in std::mem::take(&mut stopping.callers) {
            let answer = outcome.clone().map_or_else(Reply::Failed, |()| Reply::Done);
            self.engines.reply(caller, answer, Vec::new());
        }
        for caller in std::mem::take(&mut self.greetings) {
            self.explain(caller);
        }
    }

    /// Answers an engine that asks for the host, once all of it is gone.
    pub(super) fn explain(&mut self, caller: Caller) {
        let Some(stopping) = self.stopping.as_mut().filter(|stopping| stopping.is_cleaned()) else {
            return self.greetings.push(caller);
        };
        stopping.told = true;
        let message = format!("host {} has ended", self.config.id);
        let ended = Failure { kind: FailureKind::Conflict, message };
        let failure = stopping.failure.clone().unwrap_or(ended);
        self.engines.reply(caller, Reply::Failed(failure), Vec::new());
    }

    /// Whether all is cleaned up and everybody knows, or won't.
    pub(super) fn has_stopped(&self) -> bool {
        let Some(Stopping { cleaned: Some(cleaned), failure, told, .. }) = &self.stopping else { return false };
        let all_read = self.engines.have_all() && !self.processes.values().any(|process| process.streams.has_clients());
        let explained = failure.is_none() || *told;
        let linger = if explained { LINGER } else { LAST };
        all_read && explained || cleaned.elapsed() > linger
    }
}
