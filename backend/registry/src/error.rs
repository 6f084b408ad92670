//! The one error type: what a caller can act on, and a sentence for people.

use crate::PrivateAddress;
use std::{fmt, io};

/// Why a registry did not do what it was asked. Shown in Docker's words where Docker has words for it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request itself is wrong: no name of a repository, no digest, no address.
    #[error("{0}")]
    Invalid(String),
    /// The registry has no such manifest, blob or repository.
    #[error("{0}")]
    NotFound(String),
    /// It has the index, and in it nothing for the platform.
    #[error("{0}")]
    NoMatch(String),
    /// The registry knows who asks, and does not allow it. Docker Hub says so of what does not exist, too.
    #[error("{0}")]
    Denied(String),
    /// The registry does not know who asks, or the password is wrong.
    #[error("{0}")]
    Unauthorized(String),
    /// Too many requests, and waiting for as long as is bearable did not help.
    #[error("{0}")]
    RateLimited(String),
    /// There was no connection to speak over.
    #[error("{request}: {cause}")]
    Unreachable {
        /// As Docker writes it: `Get "https://example.org/v2/"`.
        request: String,
        cause: Unreachable,
    },
    /// The name leads into a private network, where requests of users must not go.
    #[error("{request}: {refused}")]
    PrivateAddress { request: String, refused: PrivateAddress },
    /// Something answered, but not as a registry does.
    #[error("{0}")]
    NotARegistry(String),
    /// What came is not what was announced or asked for.
    #[error("{0}")]
    Lied(String),
    #[error("{0}")]
    TooLarge(String),
    /// The connection broke off in the middle, again and again.
    #[error("{0}")]
    Broken(String),
    /// It fell silent, or the answer took too long.
    #[error("{0}")]
    TimedOut(String),
    /// It redirects in a circle, or to where no request may go.
    #[error("{0}")]
    BadRedirect(String),
    #[error("{0}")]
    Unsupported(String),
    /// What the registry said in its own words, none of the above.
    #[error("{}", said(*.status, .code, .message))]
    Registry {
        status: u16,
        /// `BLOB_UPLOAD_INVALID`; empty if it gave none.
        code: String,
        message: String,
    },
    /// What is to be uploaded can't be read.
    #[error("what is to be uploaded can't be read: {0}")]
    Source(#[source] io::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no connection, in the words of Docker's language, Go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreachable {
    #[error("dial tcp: lookup {host}: {reason}")]
    Lookup {
        host: String,
        /// `no such host`, mostly.
        reason: String,
    },
    #[error("dial tcp{}: {reason}", Spaced(.address))]
    Connect {
        /// Empty if it is not known.
        address: String,
        /// `connect: connection refused`.
        reason: String,
    },
    #[error("net/http: TLS handshake timeout")]
    TlsTimeout,
    #[error("tls: {0}")]
    Tls(String),
    /// It is spoken to over HTTPS and answers over HTTP.
    #[error("http: server gave HTTP response to HTTPS client")]
    PlainHttp,
}

/// What a registry's error is, as Docker shows it: `manifest unknown: manifest unknown`.
pub(crate) fn said(status: u16, code: &str, message: &str) -> String {
    match (code, message) {
        ("", "") => {
            let reason = hyper::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
            format!("received unexpected HTTP status: {status} {}", reason.unwrap_or_default()).trim_end().to_owned()
        }
        ("", message) => message.to_owned(),
        (code, message) => format!("{}: {message}", code.to_ascii_lowercase().replace('_', " ")),
    }
}

/// A word with a space before it, or nothing.
struct Spaced<'a>(&'a str);

impl fmt::Display for Spaced<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " {}", self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_speak_as_docker_does() {
        let request = "Get \"https://no.example/v2/\"".to_owned();
        let cause = Unreachable::Lookup { host: "no.example".to_owned(), reason: "no such host".to_owned() };
        let error = Error::Unreachable { request, cause };
        assert_eq!(error.to_string(), "Get \"https://no.example/v2/\": dial tcp: lookup no.example: no such host");
        let unknown = Error::Registry { status: 500, code: String::new(), message: String::new() };
        assert_eq!(unknown.to_string(), "received unexpected HTTP status: 500 Internal Server Error");
        let blob = Error::Registry { status: 400, code: "BLOB_UPLOAD_INVALID".to_owned(), message: "no".to_owned() };
        assert_eq!(blob.to_string(), "blob upload invalid: no");
    }
}
