//! A client that is attached to a process's streams.

use super::log::Output;
use super::poller::{Interest, Source};
use super::protocol::Streams;
use rustix::io::Errno;
use rustix::net::SendFlags;
use std::collections::VecDeque;

/// From how many waiting bytes on a client holds up the process.
const FULL: usize = 64 * 1024;

/// The keeper's end of an attached stream.
#[derive(Debug)]
pub(super) struct Client {
    pub key: u32,
    source: Source,
    wants: Streams,
    /// Output that the socket had no room for.
    buffer: VecDeque<u8>,
    input_ended: bool,
    /// The peer has closed both ways; what it wrote before may still be there.
    hung_up: bool,
    /// The peer reads no more.
    deaf: bool,
    gone: bool,
}

/// What a client had for stdin.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Input {
    Bytes(usize),
    Nothing,
    Ended,
}

impl Client {
    pub(super) fn new(key: u32, source: Source, wants: Streams) -> Self {
        Self {
            key,
            source,
            wants,
            buffer: VecDeque::new(),
            input_ended: false,
            hung_up: false,
            deaf: false,
            gone: false,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() >= FULL
    }

    /// Nothing will come of it any more: it can be dropped.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    pub(super) fn has_all(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Sends output if the client asked for it, in Docker's frame if `framed`.
    pub(super) fn output(&mut self, output: Output, framed: bool, bytes: &[u8]) {
        let wanted = match output {
            Output::Stdout => self.wants.stdout,
            Output::Stderr => self.wants.stderr,
        };
        if !wanted {
            return;
        }
        if framed {
            let [a, b, c, d] = (bytes.len() as u32).to_be_bytes();
            self.send(&[output as u8, 0, 0, 0, a, b, c, d]);
        }
        self.send(bytes);
    }

    /// Sends bytes as they are; what the socket has no room for waits.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        let sent = if self.buffer.is_empty() && !self.deaf { self.try_send(bytes) } else { 0 };
        if !self.deaf {
            self.buffer.extend(bytes.get(sent..).unwrap_or_default());
        }
    }

    /// Sends what waits, as far as the socket has room.
    pub(super) fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.buffer);
        let (front, back) = waiting.as_slices();
        let mut sent = self.try_send(front);
        if sent == front.len() {
            sent += self.try_send(back);
        }
        if sent < waiting.len() && !self.deaf {
            self.buffer = waiting;
            self.buffer.drain(..sent);
        }
    }

    /// Reads what the client has for stdin.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Input {
        match rustix::io::read(&self.source, into) {
            Ok(count) if count > 0 => Input::Bytes(count),
            Err(Errno::AGAIN | Errno::INTR) => Input::Nothing,
            Ok(_) | Err(_) => {
                self.input_ended = true;
                self.gone = self.hung_up || self.deaf;
                Input::Ended
            }
        }
    }

    /// Takes note that the peer has closed both ways.
    pub(super) fn hang_up(&mut self) {
        self.hung_up = true;
        self.gone |= !self.wants.stdin || self.input_ended;
    }

    /// Whether its bytes are for stdin, and may still come.
    pub(super) fn gives_input(&self) -> bool {
        self.wants.stdin && !self.input_ended
    }

    pub(super) fn watch(&mut self, input_wanted: bool) -> std::io::Result<()> {
        let read = input_wanted && self.gives_input();
        self.source.watch(Interest { read, write: !self.buffer.is_empty(), end: !self.hung_up })
    }

    fn try_send(&mut self, bytes: &[u8]) -> usize {
        match rustix::net::send(&self.source, bytes, SendFlags::NOSIGNAL) {
            Ok(sent) => sent,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(_) => {
                self.deaf = true;
                self.gone = !self.gives_input();
                0
            }
        }
    }
}
