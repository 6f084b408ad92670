//! The engine's one error type: a kind that a client can act on, and a sentence for people.

/// What a client can do about an [`Error`]. The Docker API turns each into a status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request itself is wrong (400).
    InvalidParameter,
    /// Nothing has that name (404).
    NotFound,
    /// The state forbids it: a name in use, a container that runs (409).
    Conflict,
    /// It is already so (304).
    NotModified,
    /// Somebody must say who they are, or isn't believed (401).
    Unauthorized,
    /// The policy of this virtual host forbids it (403).
    Forbidden,
    /// Docker has it, Lernhafen does not have it yet (501).
    NotImplemented,
    /// What it needs of others elsewhere can't be had: a registry doesn't answer (503).
    Unavailable,
    /// Our fault or the system's (500).
    System,
}

/// An error with a message in Docker's words where Docker has words for it.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
}

impl From<archive::Error> for Error {
    fn from(error: archive::Error) -> Self {
        match error.kind {
            archive::ErrorKind::System => Self::system(error.message),
            _ => Self::invalid(error.message),
        }
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidParameter, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    pub fn system(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::System, message)
    }
}
