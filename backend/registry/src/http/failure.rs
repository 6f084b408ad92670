//! Why there is no answer.

use crate::dial::DialError;
use crate::{Error, PrivateAddress, Unreachable};
use std::io;
use std::time::Duration;

/// What went wrong below HTTP, or with it.
#[derive(Debug)]
pub(crate) enum Failure {
    Unreachable(Unreachable),
    Private(PrivateAddress),
    /// The connection ended too early.
    Closed(String),
    /// Nothing came, or nothing could be sent, for this long.
    Silent(Duration),
    /// What came did not end within this time.
    Slow(Duration),
    /// What answers does not speak HTTP.
    NotHttp,
    TooLarge(usize),
    /// What was to be sent can't be read.
    Source(io::Error),
}

impl Failure {
    /// `request`: as Docker writes it, `Get "https://example.org/v2/"`.
    pub(crate) fn of(self, request: &str) -> Error {
        let request = request.to_owned();
        match self {
            Self::Unreachable(cause) => Error::Unreachable { request, cause },
            Self::Private(refused) => Error::PrivateAddress { request, refused },
            Self::Closed(why) => Error::Broken(format!("{request}: the connection broke off: {why}")),
            Self::Silent(time) => Error::TimedOut(format!("{request}: nothing came for {}", seconds(time))),
            Self::Slow(time) => Error::TimedOut(format!("{request}: the answer did not end within {}", seconds(time))),
            Self::NotHttp => Error::NotARegistry(format!("{request}: malformed HTTP response")),
            Self::TooLarge(limit) => Error::TooLarge(format!("{request}: the answer is larger than {limit} bytes")),
            Self::Source(error) => Error::Source(error),
        }
    }

    /// Of an error of a [`Dial`](crate::Dial).
    pub(crate) fn of_dial(error: io::Error) -> Self {
        let kind = error.kind();
        let plain = error.to_string();
        match error.into_inner().map(|inner| inner.downcast::<DialError>()) {
            Some(Ok(error)) => match *error {
                DialError::Lookup { host, reason } => Self::Unreachable(Unreachable::Lookup { host, reason }),
                DialError::Connect { address, source } => Self::Unreachable(Unreachable::Connect {
                    address,
                    reason: reason(source.kind(), &source.to_string()),
                }),
                DialError::Private(refused) => Self::Private(refused),
            },
            _ => Self::Unreachable(Unreachable::Connect { address: String::new(), reason: reason(kind, &plain) }),
        }
    }

    /// Of an error of hyper, by its innermost reason.
    pub(crate) fn of_http(error: &hyper::Error) -> Self {
        if error.is_parse() {
            return Self::NotHttp;
        }
        let mut innermost: &dyn std::error::Error = error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        match innermost.downcast_ref::<hyper::Error>() {
            Some(_) => Self::Closed("unexpected EOF".to_owned()),
            None => Self::Closed(innermost.to_string()),
        }
    }
}

/// In the words of Go's system calls.
fn reason(kind: io::ErrorKind, plain: &str) -> String {
    match kind {
        io::ErrorKind::ConnectionRefused => "connect: connection refused".to_owned(),
        io::ErrorKind::HostUnreachable => "connect: no route to host".to_owned(),
        io::ErrorKind::NetworkUnreachable => "connect: network is unreachable".to_owned(),
        io::ErrorKind::TimedOut => "i/o timeout".to_owned(),
        _ => format!("connect: {plain}"),
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
