//! What the keeper waits for: file descriptors, and for what of each.

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

/// An epoll instance; clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Poller {
    epoll: Rc<OwnedFd>,
}

/// Whom an event is for. Keys are never used twice: an event for what is gone finds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Listener,
    Signals,
    Engine(u32),
    /// A process's build channel.
    Channel(u32),
    Stdin(u32),
    /// Standard output, or a terminal's master.
    Stdout(u32),
    Stderr(u32),
    /// An attached client, as process and client.
    Client(u32, u32),
}

/// What a source is watched for. With neither it is not even watched for its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Interest {
    pub read: bool,
    pub write: bool,
    /// Watch for the peer's end although there is nothing to read or write.
    pub end: bool,
}

/// What happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    pub token: Token,
    pub read: bool,
    pub write: bool,
    /// The peer is gone (there may still be bytes of it to read).
    pub end: bool,
}

/// A file descriptor that the poller knows. Nothing is watched until [`Source::watch`].
#[derive(Debug)]
pub(super) struct Source {
    fd: OwnedFd,
    token: Token,
    interest: Interest,
    poller: Poller,
}

impl Poller {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { epoll: Rc::new(epoll::create(epoll::CreateFlags::CLOEXEC)?) })
    }

    /// Makes `fd` non-blocking and its events known as `token`.
    pub(super) fn source(&self, fd: OwnedFd, token: Token) -> io::Result<Source> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Source { fd, token, interest: Interest::default(), poller: self.clone() })
    }

    /// Waits until something happens, at most for `timeout`; `None` waits for ever.
    pub(super) fn wait(&self, timeout: Option<Duration>) -> io::Result<Vec<Ready>> {
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut events = Vec::with_capacity(32);
        match epoll::wait(&*self.epoll, spare_capacity(&mut events), timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(events.into_iter().filter_map(ready).collect())
    }
}

impl Source {
    /// Changes what is watched.
    pub(super) fn watch(&mut self, interest: Interest) -> io::Result<()> {
        if interest == self.interest {
            return Ok(());
        }
        let mut flags = epoll::EventFlags::empty();
        flags.set(epoll::EventFlags::IN, interest.read);
        flags.set(epoll::EventFlags::OUT, interest.write);
        let data = epoll::EventData::new_u64(encode(self.token));
        let epoll = &*self.poller.epoll;
        // The kernel reports an end even to those who wait for nothing: who can't act on it must not be registered.
        if interest == Interest::default() {
            epoll::delete(epoll, &self.fd)?;
        } else if self.interest == Interest::default() {
            epoll::add(epoll, &self.fd, data, flags)?;
        } else {
            epoll::modify(epoll, &self.fd, data, flags)?;
        }
        self.interest = interest;
        Ok(())
    }
}

impl AsFd for Source {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // Closing isn't enough: a builder may hold a copy for a moment, and the events would go on.
        let _ = self.watch(Interest::default());
    }
}

fn encode(token: Token) -> u64 {
    let (kind, key, client) = match token {
        Token::Listener => (0, 0, 0),
        Token::Signals => (1, 0, 0),
        Token::Engine(key) => (2, key, 0),
        Token::Channel(key) => (3, key, 0),
        Token::Stdin(key) => (4, key, 0),
        Token::Stdout(key) => (5, key, 0),
        Token::Stderr(key) => (6, key, 0),
        Token::Client(key, client) => (7, key, client),
    };
    kind << 56 | u64::from(client & CLIENT_MASK) << 32 | u64::from(key)
}

/// Clients of one process are numbered in what is left beside kind and key.
pub(super) const CLIENT_MASK: u32 = 0xff_ffff;

fn ready(event: epoll::Event) -> Option<Ready> {
    let (flags, data) = (event.flags, event.data.u64());
    let key = (data & u64::from(u32::MAX)) as u32;
    let client = (data >> 32) as u32 & CLIENT_MASK;
    let token = match data >> 56 {
        0 => Token::Listener,
        1 => Token::Signals,
        2 => Token::Engine(key),
        3 => Token::Channel(key),
        4 => Token::Stdin(key),
        5 => Token::Stdout(key),
        6 => Token::Stderr(key),
        7 => Token::Client(key, client),
        _ => return None,
    };
    let end = flags.intersects(epoll::EventFlags::HUP | epoll::EventFlags::ERR);
    Some(Ready {
        token,
        read: flags.contains(epoll::EventFlags::IN),
        write: flags.contains(epoll::EventFlags::OUT),
        end,
    })
}
