//! The engine's end of a keeper: requests with their replies, and what the keeper says unasked.

use crate::{Error, ErrorKind as Kind, Result};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};
use parking_lot::Mutex;
use runtime::failure::{Failure, FailureKind};
use runtime::keeper::VERSION;
use runtime::keeper::hello::HandedOut;
use runtime::keeper::protocol::{Event, Message, Numbered, ProcessState, Reply, Request};
use runtime::wire;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};

/// What a keeper that has not said anything yet is taken for.
const OLDEST: u32 = 1;

/// A connection to one keeper. Requests may be made from several tasks at once.
///
/// The socket is a `SOCK_SEQPACKET`; tokio's `UnixStream` only waits for it, `wire` reads and writes its packets.
#[derive(Debug)]
pub(crate) struct Keeper {
    socket: Arc<UnixStream>,
    waiting: Arc<Mutex<Waiting>>,
    reader: tokio::task::JoinHandle<()>,
    /// Of the protocol that it speaks: the server before this one, which forked it, may have been of another.
    version: u32,
}

/// What a keeper says of its host, and what it hands out.
#[derive(Debug)]
pub(crate) struct Greeting {
    pub(crate) processes: Vec<ProcessState>,
    pub(crate) files: HandedOut,
}

type Answer = (Reply, Vec<OwnedFd>);

/// Requests without a reply yet.
#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    replies: HashMap<u64, oneshot::Sender<Answer>>,
    /// Set once the keeper has gone: nothing will be answered any more.
    closed: bool,
}

impl Keeper {
    /// Connects to a keeper's socket. The receiver gives what the keeper says unasked, and ends when the keeper does.
    pub(crate) fn connect(path: &Path) -> Result<(Self, mpsc::UnboundedReceiver<Event>)> {
        let gone = |what: &str, errno: &dyn std::fmt::Display| {
            Error::system(format!("{what} the keeper at {}: {errno}", path.display()))
        };
        let fd =
            socket(AddressFamily::Unix, SockType::SeqPacket, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None)
                .map_err(|errno| gone("cannot make a socket for", &errno))?;
        let address = UnixAddr::new(path).map_err(|errno| gone("cannot name", &errno))?;
        connect(fd.as_raw_fd(), &address).map_err(|errno| gone("cannot connect to", &errno))?;
        let socket = UnixStream::from_std(fd.into()).map_err(|error| gone("cannot watch", &error))?;
        Ok(Self::over(socket))
    }

    fn over(socket: UnixStream) -> (Self, mpsc::UnboundedReceiver<Event>) {
        let socket = Arc::new(socket);
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let (events, receiver) = mpsc::unbounded_channel();
        let reader = tokio::spawn(read(socket.clone(), waiting.clone(), events));
        (Self { socket, waiting, reader, version: OLDEST }, receiver)
    }

    /// The first that is said: who is there, and of which version?
    ///
    /// # Errors
    /// It isn't a keeper that can be understood.
    pub(crate) async fn greet(&mut self) -> Result<Greeting> {
        let (reply, fds) = self.request(Request::Hello).await?;
        let Reply::Hello(hello) = reply else {
            return Err(Error::system("the keeper doesn't know how to greet"));
        };
        let (theirs, ours) = (hello.version, VERSION);
        if theirs != ours {
            tracing::info!(
                keeper = hello.pid,
                theirs,
                ours,
                "this keeper is of another version: what it doesn't know is done without"
            );
        }
        self.version = theirs;
        let files = hello.sort(fds)?;
        Ok(Greeting { processes: hello.processes, files })
    }

    /// Asks and waits for the reply; [`Reply::Failed`] becomes an error, and so does what the keeper is too old for: it would hang up, or
    /// do something else.
    pub(crate) async fn request(&self, body: Request) -> Result<Answer, Failure> {
        self.require(body.since())?;
        let (sender, receiver) = oneshot::channel();
        let seq = {
            let mut waiting = self.waiting.lock();
            if waiting.closed {
                return Err(keeper_gone());
            }
            waiting.next += 1;
            let seq = waiting.next;
            waiting.replies.insert(seq, sender);
            seq
        };
        self.send(&Numbered { seq, body }).await?;
        match receiver.await {
            Ok((Reply::Failed(failure), _)) => Err(failure),
            Ok(answer) => Ok(answer),
            Err(_) => Err(keeper_gone()),
        }
    }

    /// Refuses what a keeper of before that version doesn't know.
    pub(crate) fn require(&self, version: u32) -> Result<(), Failure> {
        if self.version < version { Err(too_old()) } else { Ok(()) }
    }

    /// Whether the keeper has ended, and everything on its host with it.
    pub(crate) fn has_gone(&self) -> bool {
        self.waiting.lock().closed
    }

    async fn send(&self, request: &Numbered<Request>) -> Result<(), Failure> {
        loop {
            self.socket.writable().await.map_err(|_| keeper_gone())?;
            let send = || wire::send(self.socket.as_fd(), request, &[] as &[BorrowedFd<'_>]);
            match self.socket.try_io(Interest::WRITABLE, send) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                    self.waiting.lock().closed = true;
                    return Err(keeper_gone());
                }
                Err(error) => {
                    return Err(Failure {
                        kind: FailureKind::System,
                        message: format!("cannot ask the keeper: {error}"),
                    });
                }
            }
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let kind = match failure.kind {
            FailureKind::NotFound => Kind::NotFound,
            FailureKind::Conflict => Kind::Conflict,
            FailureKind::CommandNotFound
            | FailureKind::CommandNotExecutable
            | FailureKind::CommandUnusable
            | FailureKind::Invalid => Kind::InvalidParameter,
            FailureKind::TooOld => Kind::NotImplemented,
            FailureKind::System => Kind::System,
        };
        Self::new(kind, failure.message)
    }
}

fn keeper_gone() -> Failure {
    Failure {
        kind: FailureKind::System,
        message: "this virtual host has ended; join again to begin a new one".to_owned(),
    }
}

fn too_old() -> Failure {
    let message =
        "this virtual host began with an older Lernhafen, which doesn't know how to do that: begin it anew".to_owned();
    Failure { kind: FailureKind::TooOld, message }
}

/// Hands replies to whoever waits for them, until the keeper closes the connection.
async fn read(socket: Arc<UnixStream>, waiting: Arc<Mutex<Waiting>>, events: mpsc::UnboundedSender<Event>) {
    while let Some((message, fds)) = next(&socket).await {
        match message {
            Message::Reply(Numbered { seq, body }) => {
                let waiter = waiting.lock().replies.remove(&seq);
                if let Some(waiter) = waiter {
                    // Whoever asked may have gone (a client hung up); the fds close here then.
                    let _ = waiter.send((body, fds));
                }
            }
            Message::Event(event) => {
                if events.send(event).is_err() {
                    break;
                }
            }
        }
    }
    let mut waiting = waiting.lock();
    waiting.closed = true;
    waiting.replies.clear();
}

async fn next(socket: &UnixStream) -> Option<(Message, Vec<OwnedFd>)> {
    loop {
        socket.readable().await.ok()?;
        match socket.try_io(Interest::READABLE, || wire::receive_packet(socket.as_fd())) {
            Ok(None) => return None,
            Ok(Some((packet, fds))) => {
                if let Some(message) = understand(&packet) {
                    return Some((message, fds));
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // It ended with something of ours unread.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => {
                tracing::error!(%error, "a keeper sent what can't be read");
                return None;
            }
        }
    }
}

/// A newer keeper may say what nobody here knows. Its events are passed over; whoever waits for a reply is told.
fn understand(packet: &[u8]) -> Option<Message> {
    #[derive(Deserialize)]
    struct Unknown {
        #[serde(rename = "Reply")]
        reply: Numbered<IgnoredAny>,
    }
    let error = match serde_json::from_slice(packet) {
        Ok(message) => return Some(message),
        Err(error) => error,
    };
    tracing::warn!(%error, "a keeper said what isn't known here");
    let Unknown { reply } = serde_json::from_slice(packet).ok()?;
    let message =
        "the keeper of this virtual host answered what isn't known here: is it newer than the server?".to_owned();
    let body = Reply::Failed(Failure { kind: FailureKind::System, message });
    Some(Message::Reply(Numbered { seq: reply.seq, body }))
}

#[cfg(test)]
mod tests;
