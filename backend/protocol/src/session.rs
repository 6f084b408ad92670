//! Joining a workshop: the plain HTTP requests before the WebSocket.
//!
//! `GET /api/workshop` answers with [`Workshop`], to anybody; `POST /api/session` with [`Join`] opens a session and sets its cookie;
//! `GET /api/session` answers with [`Session`] (401 without a valid cookie); `DELETE /api/session` ends it, and its virtual host with
//! it; `POST /api/session/reset` gives it a new virtual host in the place of the old; `GET /api/deck` with [`crate::Deck`];
//! `GET /api/socket` is the WebSocket.

use serde::{Deserialize, Serialize};

/// Longest name of a participant, in characters.
pub const MAX_NAME: usize = 40;

/// What is to be joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workshop {
    pub title: String,
}

/// Body of `POST /api/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// 1 to [`MAX_NAME`] characters after trimming, no control characters.
    pub name: String,
}

/// Who one is in which workshop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub name: String,
    pub workshop: String,
    /// Host name of the learner's virtual host.
    pub host: String,
}

/// What went wrong, for the page to say in the reader's language. Body of every HTTP error of `/api`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// In English, for logs and for codes that the page doesn't know.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The name is empty, too long, or has control characters.
    BadName,
    /// No session, or one that has ended: join again.
    NoSession,
    /// Only for the instructor, and the key is missing or wrong.
    NotInstructor,
    /// A message that the server can't read.
    BadMessage,
    /// The request came from another site's page.
    ForeignOrigin,
    /// The address doesn't exist.
    NotFound,
    /// More than the server takes.
    TooLarge,
    /// The line can't be run: no such line, or not a command.
    NotRunnable,
    /// The virtual host couldn't be made or has ended.
    HostFailed,
    /// The workstation has no shell any more: its programs were removed.
    NoShell,
    /// There is no such container any more.
    NoContainer,
    /// The container's state forbids it: it runs, or doesn't.
    ContainerRefused,
    /// No room for another session.
    Full,
    /// Our fault.
    Internal,
}
