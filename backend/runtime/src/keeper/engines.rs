//! The engines that are connected: usually one, for a moment two, while one server replaces another.

use super::complain;
use super::poller::{Interest, Poller, Source, Token};
use super::protocol::{Event, Message, Numbered, Reply, Request};
use crate::wire;
use rustix::net::SocketFlags;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, OwnedFd};

/// Most connections at once.
const MOST: usize = 16;

/// Messages that may wait for an engine. One that lets more wait is disconnected: connecting again it hears of everything.
const MOST_WAITING: usize = 1024;

/// Who asked, and under which number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    engine: u32,
    seq: u64,
}

#[derive(Debug)]
pub(super) struct Engines {
    poller: Poller,
    listener: Source,
    connections: Vec<Connection>,
    next: u32,
}

#[derive(Debug)]
struct Connection {
    key: u32,
    source: Source,
    waiting: VecDeque<(Vec<u8>, Vec<OwnedFd>)>,
}

impl Engines {
    pub(super) fn new(poller: &Poller, listener: OwnedFd) -> io::Result<Self> {
        let mut listener = poller.source(listener, Token::Listener)?;
        listener.watch(Interest { read: true, ..Interest::default() })?;
        Ok(Self { poller: poller.clone(), listener, connections: Vec::new(), next: 0 })
    }

    /// Takes the next connection, if it comes from the machine's root.
    pub(super) fn accept(&mut self) {
        let outcome = || -> io::Result<Option<Source>> {
            let socket = rustix::net::accept_with(&self.listener, SocketFlags::CLOEXEC)?;
            if !rustix::net::sockopt::socket_peercred(&socket)?.uid.is_root() || self.connections.len() >= MOST {
                return Ok(None);
            }
            let mut source = self.poller.source(socket, Token::Engine(self.next))?;
            source.watch(Interest { read: true, ..Interest::default() })?;
            Ok(Some(source))
        };
        match outcome() {
            Ok(Some(source)) => {
                self.connections.push(Connection { key: self.next, source, waiting: VecDeque::new() });
                self.next = self.next.wrapping_add(1);
            }
            Ok(None) => complain(format_args!("refused a connection: not the machine's root, or one too many")),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => complain(format_args!("a connection couldn't be taken: {error}")),
        }
    }

    /// The next request of an engine; one that talks nonsense or has gone is disconnected.
    pub(super) fn receive(&mut self, key: u32) -> Option<(Caller, Request)> {
        let connection = self.connections.iter().find(|connection| connection.key == key)?;
        match wire::receive::<Numbered<Request>>(&connection.source) {
            Ok(Some((Numbered { seq, body }, _))) => return Some((Caller { engine: key, seq }, body)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => return None,
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                complain(format_args!("disconnecting an engine whose request can't be read: {error}"));
            }
            Ok(None) | Err(_) => {}
        }
        self.disconnect(key);
        None
    }

    /// Answers a request. Whoever has gone meanwhile misses nothing.
    pub(super) fn reply(&mut self, to: Caller, body: Reply, fds: Vec<OwnedFd>) {
        let message = Message::Reply(Numbered { seq: to.seq, body });
        let packet = match wire::encode(&message) {
            Ok(packet) => packet,
            Err(error) => return complain(format_args!("an answer can't be sent: {error}")),
        };
        let connection = self.connections.iter_mut().find(|connection| connection.key == to.engine);
        if connection.is_some_and(|connection| !connection.send(packet, fds)) {
            self.disconnect(to.engine);
        }
    }

    /// Tells every engine.
    pub(super) fn announce(&mut self, event: Event) {
        match wire::encode(&Message::Event(event)) {
            Ok(packet) => self.connections.retain_mut(|connection| connection.send(packet.clone(), Vec::new())),
            Err(error) => complain(format_args!("an event can't be sent: {error}")),
        }
    }

    pub(super) fn is_connected(&self, caller: Caller) -> bool {
        self.connections.iter().any(|connection| connection.key == caller.engine)
    }

    /// Sends what waits for an engine.
    pub(super) fn flush(&mut self, key: u32) {
        let connection = self.connections.iter_mut().find(|connection| connection.key == key);
        if connection.is_some_and(|connection| !connection.flush()) {
            self.disconnect(key);
        }
    }

    /// Whether everything that was said has been sent.
    pub(super) fn have_all(&self) -> bool {
        self.connections.iter().all(|connection| connection.waiting.is_empty())
    }

    fn disconnect(&mut self, key: u32) {
        self.connections.retain(|connection| connection.key != key);
    }
}

impl Connection {
    /// Sends a packet after those that wait; false if that can't be.
    fn send(&mut self, packet: Vec<u8>, fds: Vec<OwnedFd>) -> bool {
        if self.waiting.len() >= MOST_WAITING {
            complain(format_args!("disconnecting an engine that doesn't read"));
            return false;
        }
        self.waiting.push_back((packet, fds));
        self.flush()
    }

    fn flush(&mut self) -> bool {
        while let Some((packet, fds)) = self.waiting.front() {
            let borrowed: Vec<_> = fds.iter().map(AsFd::as_fd).collect();
            match wire::send_packet(&self.source, packet, &borrowed) {
                Ok(()) => drop(self.waiting.pop_front()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
        }
        let write = !self.waiting.is_empty();
        self.source.watch(Interest { read: true, write, end: false }).is_ok()
    }
}
