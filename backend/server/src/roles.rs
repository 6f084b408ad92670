//! Who may ask for what: each endpoint of the API says it in the table of `web/api`, each message on a tab's socket here.

use protocol::ClientMessage;

/// Who asks, or must be to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Whoever sees the page.
    Anybody,
    /// Who has joined, known by a session's cookie.
    Participant,
    /// Known by the instructor's cookie.
    Instructor,
}

impl Role {
    /// Whether somebody of this role may do what `needed` may.
    pub(crate) fn may(self, needed: Self) -> bool {
        needed == Self::Anybody || needed == self
    }
}

/// Who may send a message on a tab's socket.
pub(crate) fn sender(message: &ClientMessage) -> Role {
    match message {
        ClientMessage::Open { .. }
        | ClientMessage::Resize { .. }
        | ClientMessage::CloseTerminal { .. }
        | ClientMessage::RestartTerminal { .. }
        | ClientMessage::Container { .. }
        | ClientMessage::Drawn { .. }
        | ClientMessage::Run { .. }
        | ClientMessage::CancelRun { .. } => Role::Participant,
        ClientMessage::Alive => Role::Anybody,
    }
}
