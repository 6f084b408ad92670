//! Failures as sentences: what was being done, to what, and what the system said.

pub(crate) use crate::keeper::protocol::{Failure, FailureKind};
use std::io;

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
