//! What is asked, and what is sent along.

use super::{Failure, Url};
use crate::source::Source;
use bytes::{Bytes, BytesMut};
use hyper::Method;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::HeaderMap;
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload<'a>,
}

impl Request<'_> {
    /// As Docker writes it in errors: `Get "https://example.org/v2/"`.
    pub(crate) fn shown(&self) -> String {
        let method = self.method.as_str();
        let (first, rest) = method.split_at(method.len().min(1));
        format!("{first}{} \"{}\"", rest.to_ascii_lowercase(), self.url)
    }
}

#[derive(Clone)]
pub(crate) enum Payload<'a> {
    Empty,
    Bytes(Bytes),
    /// Opened anew for each try. `sent` is told how many bytes are on their way.
    Source {
        source: &'a dyn Source,
        size: u64,
        sent: &'a (dyn Fn(u64) + Send + Sync),
    },
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Source { size, .. } => write!(f, "Source({size})"),
        }
    }
}

/// How much of a source is read at once.
const CHUNK: usize = 64 << 10;

impl<'a> Payload<'a> {
    /// The body, and what must be awaited for it to be sent.
    pub(super) fn open(&self, stall: Duration) -> (Outgoing, Option<Feeder<'a>>) {
        match self {
            Self::Empty => (Outgoing::Whole(None), None),
            Self::Bytes(bytes) => (Outgoing::Whole(Some(bytes.clone())), None),
            Self::Source { source, size, sent } => {
                let (sender, receiver) = mpsc::channel(1);
                let feeder = Feeder { source: *source, size: *size, sent: *sent, sender, stall };
                (Outgoing::Fed { receiver, left: *size }, Some(feeder))
            }
        }
    }
}

/// Reads a source into a body. As long as it lives, the body is not over.
pub(super) struct Feeder<'a> {
    source: &'a dyn Source,
    size: u64,
    sent: &'a (dyn Fn(u64) + Send + Sync),
    pub(super) sender: mpsc::Sender<Bytes>,
    stall: Duration,
}

impl Feeder<'_> {
    /// Returns when all has been read, or nobody takes it any more. Errors: the source fails or has another size than it
    /// should, or the server takes nothing.
    pub(super) async fn feed(&self) -> Result<(), Failure> {
        let source = self.source.open().await.map_err(Failure::Source)?;
        // One more, to find a source that is too long.
        let mut source = source.take(self.size.saturating_add(1));
        let mut read: u64 = 0;
        loop {
            let mut chunk = BytesMut::with_capacity(CHUNK);
            if source.read_buf(&mut chunk).await.map_err(Failure::Source)? == 0 {
                break;
            }
            read = read.saturating_add(chunk.len() as u64);
            if read > self.size {
                break;
            }
            match tokio::time::timeout(self.stall, self.sender.send(chunk.freeze())).await {
                Ok(Ok(())) => (self.sent)(read),
                Ok(Err(_)) => return Ok(()),
                Err(_) => return Err(Failure::Silent(self.stall)),
            }
        }
        if read == self.size {
            return Ok(());
        }
        let than = if read < self.size { "less" } else { "more" };
        Err(Failure::Source(std::io::Error::other(format!(
            "it has {than} than the {} bytes that were announced",
            self.size
        ))))
    }
}

/// A body on its way to a server. It always knows its length: some registries insist.
#[derive(Debug)]
pub(super) enum Outgoing {
    Whole(Option<Bytes>),
    Fed { receiver: mpsc::Receiver<Bytes>, left: u64 },
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(match self.get_mut() {
            Self::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Self::Fed { receiver, left } => ready!(receiver.poll_recv(cx)).map(|bytes| {
                *left = left.saturating_sub(bytes.len() as u64);
                Ok(Frame::data(bytes))
            }),
        })
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::Fed { left, .. } => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Self::Fed { left, .. } => *left,
        })
    }
}
