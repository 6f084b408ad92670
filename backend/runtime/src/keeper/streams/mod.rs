//! The streams of one process: what it writes goes to the log, the ring and the attached clients, what they write to it.

use super::attached::{Client, Input};
use super::log::{Log, Output};
use super::poller::{CLIENT_MASK, Interest, Poller, Ready, Source, Token};
use super::ring::Ring;
use super::{complain, protocol};
use crate::process::Io;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Most clients attached to one process.
const MOST_CLIENTS: usize = 32;

/// What is read of an exited process's outputs at the end, in bytes: no pipe holds more, but an orphan may go on filling it.
const LAST_READ: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct ProcessStreams {
    key: u32,
    poller: Poller,
    terminal: bool,
    io: Io,
    stdin: Option<Source>,
    /// A terminal's master, or the pipe.
    stdout: Option<Source>,
    stderr: Option<Source>,
    /// They are there (and may be closed again).
    open: bool,
    /// Bytes for stdin that it had no room for.
    pending: VecDeque<u8>,
    close_stdin: bool,
    finished: bool,
    clients: Vec<Client>,
    next_client: u32,
    log: Option<Log>,
    ring: Ring,
}

impl ProcessStreams {
    pub(super) fn new(key: u32, poller: &Poller, terminal: bool, io: Io, log: Option<Log>, ring: usize) -> Self {
        Self {
            key,
            poller: poller.clone(),
            terminal,
            io,
            stdin: None,
            stdout: None,
            stderr: None,
            open: false,
            pending: VecDeque::new(),
            close_stdin: false,
            finished: false,
            clients: Vec::new(),
            next_client: 0,
            log,
            ring: Ring::new(ring),
        }
    }

    /// Takes the keeper's ends of the pipes.
    pub(super) fn open_pipes(&mut self, pipes: [Option<OwnedFd>; 3]) -> io::Result<()> {
        let [stdin, stdout, stderr] = pipes;
        let source = |fd: Option<OwnedFd>, token| fd.map(|fd| self.poller.source(fd, token)).transpose();
        self.stdin = source(stdin, Token::Stdin(self.key))?;
        self.stdout = source(stdout, Token::Stdout(self.key))?;
        self.stderr = source(stderr, Token::Stderr(self.key))?;
        self.open = true;
        self.rearm();
        Ok(())
    }

    /// Takes the terminal's master.
    pub(super) fn open_terminal(&mut self, master: OwnedFd) -> io::Result<()> {
        self.stdout = Some(self.poller.source(master, Token::Stdout(self.key))?);
        self.open = true;
        self.rearm();
        Ok(())
    }

    pub(super) fn has_terminal(&self) -> bool {
        self.terminal
    }

    /// The terminal's master, once it is there.
    pub(super) fn master(&self) -> Option<BorrowedFd<'_>> {
        self.stdout.as_ref().filter(|_| self.terminal).map(AsFd::as_fd)
    }

    /// Connects a client, whose end is returned with the number of old bytes that it finds there first.
    pub(super) fn attach(&mut self, wants: protocol::Streams, replay: bool) -> io::Result<(OwnedFd, usize)> {
        if self.clients.len() >= MOST_CLIENTS {
            return Err(io::Error::other(format!("{MOST_CLIENTS} clients are attached already")));
        }
        let (ours, theirs) =
            rustix::net::socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        let key = self.next_client;
        self.next_client = (key + 1) & CLIENT_MASK;
        let mut client = Client::new(key, self.poller.source(ours, Token::Client(self.key, key))?, wants);
        if replay {
            self.ring.bytes().for_each(|bytes| client.send(bytes));
        }
        self.clients.push(client);
        self.rearm();
        Ok((theirs, if replay { self.ring.len() } else { 0 }))
    }

    /// Reads some output, or takes note of its end.
    pub(super) fn output_ready(&mut self, output: Output, scratch: &mut [u8]) {
        self.read(output, scratch);
        self.rearm();
    }

    /// Writes what waits for stdin.
    pub(super) fn stdin_ready(&mut self) {
        self.feed(&[]);
        self.rearm();
    }

    pub(super) fn client_ready(&mut self, key: u32, ready: Ready, scratch: &mut [u8]) {
        let Some(index) = self.clients.iter().position(|client| client.key == key) else { return };
        let Some(client) = self.clients.get_mut(index) else { return };
        if ready.write {
            client.flush();
        }
        if ready.end {
            client.hang_up();
        }
        if client.gives_input() && self.pending.is_empty() && (ready.read || ready.end) {
            match client.read(scratch) {
                Input::Bytes(count) => self.feed(scratch.get(..count).unwrap_or_default()),
                Input::Ended if self.io.stdin_once && !self.terminal => {
                    self.close_stdin = true;
                    self.feed(&[]);
                }
                Input::Ended | Input::Nothing => {}
            }
        }
        self.rearm();
    }

    /// Every writer of the outputs is gone, and all of it was read.
    pub(super) fn ended(&self) -> bool {
        self.open && self.stdout.is_none() && self.stderr.is_none()
    }

    /// Reads the rest and closes everything; clients remain until they have it all.
    pub(super) fn finish(&mut self, scratch: &mut [u8]) {
        for output in [Output::Stdout, Output::Stderr] {
            let mut left = LAST_READ;
            loop {
                let count = self.read(output, scratch);
                left = left.saturating_sub(count);
                if count == 0 || left == 0 {
                    break;
                }
            }
        }
        (self.open, self.finished) = (true, true);
        (self.stdin, self.stdout, self.stderr) = (None, None, None);
        self.pending = VecDeque::new();
        if let Some(mut log) = self.log.take() {
            log.finish();
        }
        self.rearm();
    }

    pub(super) fn has_clients(&self) -> bool {
        !self.clients.is_empty()
    }

    /// Whether a client doesn't read: then the process's output isn't read either.
    fn is_held_up(&self) -> bool {
        self.clients.iter().any(Client::is_full)
    }

    /// Reads once; how many bytes came. 0 for none at the moment or none ever.
    fn read(&mut self, output: Output, scratch: &mut [u8]) -> usize {
        let place = match output {
            Output::Stdout => &mut self.stdout,
            Output::Stderr => &mut self.stderr,
        };
        let Some(source) = place else { return 0 };
        match rustix::io::read(&*source, &mut *scratch) {
            Err(Errno::AGAIN | Errno::INTR) => 0,
            // A terminal's end is an error (EIO).
            Ok(0) | Err(_) => {
                *place = None;
                0
            }
            Ok(count) => {
                let bytes = scratch.get(..count).unwrap_or_default();
                if let Some(log) = &mut self.log {
                    log.write(output, bytes);
                }
                self.ring.push(bytes);
                self.clients.iter_mut().for_each(|client| client.output(output, !self.terminal, bytes));
                count
            }
        }
    }

    /// Writes to stdin what waits for it, then `bytes`; what it has no room for waits.
    fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend(bytes);
        let sink = match self.terminal {
            true if self.io.stdin => &self.stdout,
            true => &None,
            false => &self.stdin,
        };
        while let (Some(sink), false) = (sink, self.pending.is_empty()) {
            match rustix::io::write(sink, self.pending.as_slices().0) {
                Ok(count) => drop(self.pending.drain(..count)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                // Nobody reads it any more: from now on nothing waits for that.
                Err(_) => {
                    self.stdin = None;
                    self.pending.clear();
                    return;
                }
            }
        }
        self.pending = VecDeque::new();
        if self.close_stdin {
            self.stdin = None;
        }
    }

    /// Drops the clients that are done and watches what there is to do now.
    fn rearm(&mut self) {
        self.clients.retain(|client| !(client.is_gone() || self.finished && client.has_all()));
        let read = !self.is_held_up();
        let waiting = !self.pending.is_empty();
        let watch = |source: &mut Option<Source>, interest| source.as_mut().map_or(Ok(()), |it| it.watch(interest));
        let both = Interest { read, write: waiting && self.terminal, end: false };
        let outcomes = [
            watch(&mut self.stdin, Interest { write: waiting, ..Interest::default() }),
            watch(&mut self.stdout, both),
            watch(&mut self.stderr, Interest { read, ..Interest::default() }),
        ];
        let input = self.open && !waiting;
        let clients = self.clients.iter_mut().map(|client| client.watch(input));
        for error in outcomes.into_iter().chain(clients).filter_map(Result::err) {
            complain(format_args!("a stream of a process can't be watched, and stands still: {error}"));
        }
    }
}

#[cfg(test)]
mod tests;
