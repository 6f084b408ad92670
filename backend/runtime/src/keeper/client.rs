//! A keeper's client that blocks: for tests and tools. The engine has its own, on the same socket.

use super::protocol::{Message, Numbered, Request};
use crate::wire;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// Connects to a keeper's socket.
///
/// # Errors
/// `NotFound` or `ConnectionRefused` if no keeper listens there.
pub fn connect(path: &Path) -> io::Result<OwnedFd> {
    let socket = rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    rustix::net::connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

/// A connection to a keeper.
#[derive(Debug)]
pub struct Client {
    socket: OwnedFd,
    last: u64,
}

impl Client {
    /// Connects to a keeper's socket.
    ///
    /// # Errors
    /// As [`connect`].
    pub fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { socket: connect(path)?, last: 0 })
    }

    /// Sends a request; the answer will carry the number that this returns.
    ///
    /// # Errors
    /// If the keeper is gone or the request is too long.
    pub fn send(&mut self, body: Request) -> io::Result<u64> {
        self.last += 1;
        wire::send(&self.socket, &Numbered { seq: self.last, body }, &[])?;
        Ok(self.last)
    }

    /// The next answer or event, with its fds; `None` once the keeper is gone.
    ///
    /// # Errors
    /// If what comes can't be read.
    pub fn receive(&mut self) -> io::Result<Option<(Message, Vec<OwnedFd>)>> {
        wire::receive(&self.socket)
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
