//! What can go wrong with a registry, in Docker's words where Docker has words.

use serde::Deserialize;

/// What somebody can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The registry has no such thing.
    NotFound,
    /// It wants to know who asks, or doesn't believe it.
    Unauthorized,
    /// It knows, and says no.
    Denied,
    /// Too much was asked too quickly.
    RateLimited,
    /// There is no way to it.
    Unreachable,
    /// It is in a network that is not to be spoken to.
    Private,
    /// What answers is no registry, or breaks its rules.
    Broken,
    /// What came is not what was announced.
    Lied,
    /// It is more than is taken.
    TooLarge,
    /// It is of a kind that isn't understood here.
    Unsupported,
}

#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    message: String,
    /// Whether trying again might help.
    transient: bool,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Longest text of a registry that is repeated, in characters.
const LONGEST: usize = 300;

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), transient: false }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn transient(kind: Kind, message: impl Into<String>) -> Self {
        Self { transient: true, ..Self::new(kind, message) }
    }

    pub(crate) fn is_transient(&self) -> bool {
        self.transient
    }

    /// From an answer that is no success. `what` was asked for.
    pub(crate) fn of_answer(what: &str, status: u16, body: &[u8]) -> Self {
        let errors = serde_json::from_slice::<Errors>(body).unwrap_or_default().errors;
        let first = errors.into_iter().next().unwrap_or_default();
        let code = first.code.to_ascii_lowercase().replace('_', " ");
        let message = shown(if first.message.is_empty() { &code } else { &first.message });
        let said = if code.is_empty() { format!("status {status}") } else { format!("{}: {message}", shown(&code)) };
        match status {
            404 if code.contains("manifest") => {
                Self::new(Kind::NotFound, format!("manifest for {what} not found: {said}"))
            }
            404 if code.is_empty() && body.trim_ascii_start().starts_with(b"<") => {
                Self::new(Kind::Broken, format!("{what}: what answers there is no registry (it sent a page of HTML)"))
            }
            404 => Self::new(Kind::NotFound, format!("{what} not found: {said}")),
            401 => Self::new(Kind::Unauthorized, format!("{what}: {}", denied(&said))),
            403 => Self::new(Kind::Denied, format!("{what}: {}", denied(&said))),
            429 => Self::transient(
                Kind::RateLimited,
                format!(
                    "toomanyrequests: {what}: the registry limits how much may be asked of it, and this machine has asked too much ({said}). \
                     Log in with docker login, wait, or use a mirror or the workshop's own registry"
                ),
            ),
            500..=599 => {
                Self::transient(Kind::Broken, format!("{what}: the registry has a problem of its own: {said}"))
            }
            413 => Self::new(Kind::TooLarge, format!("{what}: the registry takes nothing that large: {said}")),
            _ => Self::new(Kind::Broken, format!("{what}: {said}")),
        }
    }
}

fn denied(said: &str) -> String {
    format!("repository does not exist or may require 'docker login': {said}")
}

/// Without what would move a terminal's cursor, and not too long.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LONGEST).collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OneError {
    code: String,
    message: String,
}
