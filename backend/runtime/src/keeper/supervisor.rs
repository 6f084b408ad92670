//! The keeper's state and its loop.

use super::canary::Canary;
use super::engines::{Caller, Engines};
use super::files::Helper;
use super::log::Output;
use super::poller::{Interest, Poller, Ready, Source, Token};
use super::protocol::{HostConfig, WORKSTATION};
use super::shortage::Shortage;
use super::stop::Stopping;
use super::supervised::{End, Stage, Supervised};
use super::{cgroup_of, complain};
use crate::process::Host;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

/// What is read at once, in bytes.
const CHUNK: usize = 32 * 1024;

/// A keeper at work. What it does is in the files beside this one: [`super::requests`] what engines ask for,
/// [`super::build`] processes that come to be, [`super::lifecycle`] those that end, [`super::shortage`] memory that is used up,
/// [`super::stop`] its own end.
#[derive(Debug)]
pub(super) struct Supervisor {
    pub(super) config: HostConfig,
    /// Path of the host's cgroup.
    pub(super) cgroup: String,
    pub(super) poller: Poller,
    pub(super) engines: Engines,
    pub(super) processes: BTreeMap<u32, Supervised>,
    pub(super) next_key: u32,
    /// The virtual host, once its init runs.
    pub(super) host: Option<RunningHost>,
    /// Engines that wait for host init.
    pub(super) greetings: Vec<Caller>,
    /// Ends of processes that aren't known: the news of them may still be under way.
    pub(super) early_ends: Vec<(i32, End)>,
    /// All children were reaped.
    pub(super) childless: bool,
    pub(super) stopping: Option<Stopping>,
    pub(super) helpers: Vec<Helper>,
    pub(super) canary: Canary,
    pub(super) shortage: Option<Shortage>,
    pub(super) scratch: Vec<u8>,
    /// Root of the host's disk.
    pub(super) disk: Option<OwnedFd>,
    /// Network namespace that the host's cable leads to.
    pub(super) router: Option<OwnedFd>,
    signals: SignalFd,
    /// Only watches; what it says is read through `signals`.
    _signals: Source,
}

/// What only a running virtual host has.
#[derive(Debug)]
pub(super) struct RunningHost {
    pub(super) namespaces: Host,
    pub(super) network_namespace: OwnedFd,
    pub(super) engine_socket: Option<OwnedFd>,
}

impl Supervisor {
    /// A keeper whose host's first process is being built.
    pub(super) fn new(
        config: HostConfig,
        listener: OwnedFd,
        disk: Option<OwnedFd>,
        router: Option<OwnedFd>,
    ) -> io::Result<Self> {
        let poller = Poller::new()?;
        let engines = Engines::new(&poller, listener)?;
        let mut mask = SigSet::empty();
        mask.add(Signal::SIGCHLD);
        mask.thread_block()?;
        let signals = SignalFd::with_flags(&mask, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)?;
        let mut watched = poller.source(signals.as_fd().try_clone_to_owned()?, Token::Signals)?;
        watched.watch(Interest { read: true, ..Interest::default() })?;
        Ok(Self {
            cgroup: cgroup_of(&config.id),
            config,
            poller,
            engines,
            processes: BTreeMap::new(),
            next_key: 0,
            host: None,
            greetings: Vec::new(),
            early_ends: Vec::new(),
            childless: false,
            stopping: None,
            helpers: Vec::new(),
            canary: Canary::default(),
            shortage: None,
            scratch: vec![0; CHUNK],
            disk,
            router,
            signals,
            _signals: watched,
        })
    }

    /// Works until the host has ended and all engines know.
    ///
    /// # Errors
    /// If waiting for events fails: nothing can be done then.
    pub(super) fn work(&mut self) -> io::Result<()> {
        self.build_host();
        while !self.has_stopped() {
            for ready in self.poller.wait(self.deadline().map(|at| at.saturating_duration_since(Instant::now())))? {
                self.handle(ready);
            }
            self.settle();
        }
        Ok(())
    }

    /// The process of that id, with its key.
    pub(super) fn find(&mut self, id: &str) -> Option<(u32, &mut Supervised)> {
        let mut processes = self.processes.iter_mut().map(|(key, process)| (*key, process));
        processes.find(|(_, process)| process.id == id && !process.is_hidden())
    }

    /// Whether what is left of a process has yet to end: until then its cgroup is not free, nor is its id.
    pub(super) fn is_doomed(&self, id: &str) -> bool {
        self.processes.values().any(|process| process.id == id && matches!(process.stage, Stage::Doomed(_)))
    }

    /// Host init, as long as it is known.
    pub(super) fn host_init(&mut self) -> Option<&mut Supervised> {
        self.find(WORKSTATION).map(|(_, process)| process)
    }

    fn handle(&mut self, ready: Ready) {
        match ready.token {
            Token::Listener => self.engines.accept(),
            Token::Signals => {
                while let Ok(Some(_)) = self.signals.read_signal() {}
                self.reap();
            }
            Token::Engine(key) => {
                if ready.write {
                    self.engines.flush(key);
                }
                if (ready.read || ready.end)
                    && let Some((caller, request)) = self.engines.receive(key)
                {
                    self.request(caller, request);
                }
            }
            Token::Channel(key) => self.read_channel(key),
            Token::Stdin(key) | Token::Stdout(key) | Token::Stderr(key) | Token::Client(key, _) => {
                self.stream_ready(key, ready);
            }
        }
    }

    fn stream_ready(&mut self, key: u32, ready: Ready) {
        let Some(process) = self.processes.get_mut(&key) else { return };
        let (streams, scratch) = (&mut process.streams, &mut self.scratch);
        match ready.token {
            Token::Client(_, client) => streams.client_ready(client, ready, scratch),
            Token::Stdin(_) => streams.stdin_ready(),
            _ => {
                if ready.write {
                    streams.stdin_ready();
                }
                if ready.read || ready.end {
                    let output = if matches!(ready.token, Token::Stdout(_)) { Output::Stdout } else { Output::Stderr };
                    streams.output_ready(output, scratch);
                }
            }
        }
    }

    /// When something is due though nothing happens.
    fn deadline(&self) -> Option<Instant> {
        let ending = self.processes.values().filter(|process| !process.is_hidden());
        let ends = ending.filter_map(|process| process.end.map(|end| end.deadline));
        ends.chain(self.stopping.as_ref().map(Stopping::next_look)).chain(self.memory_deadline()).min()
    }
}

/// Ends a keeper that can't go on.
pub(super) fn give_up(error: &io::Error) {
    complain(format_args!("the keeper ends, and its host with it: {error}"));
}
