//! Why an archive could not be read or unpacked.

/// Whose fault it is, and what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The archive ends before its end.
    CutOff,
    /// It has more of something than any may.
    TooLarge,
    /// It is damaged, hostile, or of a kind that isn't read here.
    Invalid,
    /// The system refused: the disk is full, for example.
    System,
}

/// An error with a sentence for people.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn too_large(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::TooLarge, message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Invalid, message: message.into() }
    }

    pub(crate) fn system(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::System, message: message.into() }
    }
}
