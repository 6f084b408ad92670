//! Failures as sentences: what was being done, to what, and what the system said.

use serde::{Deserialize, Serialize};
use std::io;

/// Why something didn't work.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    /// A sentence for people, naming what it happened to.
    pub message: String,
}

/// What a client can do about a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureKind {
    /// No process of that id.
    NotFound,
    /// Not possible in the state that it is in.
    Conflict,
    /// The program, or its working directory, isn't in the container (shells: 127).
    CommandNotFound,
    /// The program can't be executed, or its working directory not be entered (shells: 126).
    CommandNotExecutable,
    /// There is no way to the program, or none that ends.
    CommandUnusable,
    /// The spec or the request asks for what can't be.
    Invalid,
    /// The keeper is older than what is asked of it; said by who would ask.
    TooOld,
    /// The system refused; the message says which call.
    System,
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Says what was being done when a call failed.
pub(crate) trait Doing<T> {
    /// `what` names the call's purpose and its object: `mounting proc at /proc`.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| {
            let message = format!("{}: {}", what(), reason(&error.into()));
            Failure { kind: FailureKind::System, message }
        })
    }
}

/// The spec or the request asks for what can't be.
pub(crate) fn invalid(message: impl Into<String>) -> Failure {
    Failure { kind: FailureKind::Invalid, message: message.into() }
}

/// What the system says, as C programs print it: in small letters, without the number.
pub(crate) fn reason(error: &io::Error) -> String {
    let said = error.to_string();
    match error.raw_os_error() {
        Some(number) => said.trim_end_matches(&format!(" (os error {number})")).to_lowercase(),
        None => said,
    }
}
