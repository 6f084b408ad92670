//! The sending side of a tab's WebSocket.

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use protocol::ServerMessage;
use protocol::message::{ALIVE, SILENCE};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

/// Frames that wait for the line. What waits behind them stays in the terminals.
const WAITING: usize = 4;

/// Sends to one tab. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::Sender<Message>);

impl Sender {
    /// Sends over `sink`, by a task that ends when all senders have, or when the tab no longer reads.
    pub(super) fn spawn(sink: SplitSink<WebSocket, Message>, tasks: &mut JoinSet<()>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tasks.spawn(send_all(sink, receiver));
        Self(sender)
    }

    /// Sends a message. To a tab that has gone nothing is sent: its reading side notices.
    pub(super) async fn message(&self, message: &ServerMessage) {
        if let Some(message) = text(message) {
            self.send(message).await;
        }
    }

    /// Sends what a terminal shows.
    pub(super) async fn bytes(&self, terminal: u8, bytes: &[u8]) {
        let mut frame = Vec::with_capacity(1 + bytes.len());
        frame.push(terminal);
        frame.extend_from_slice(bytes);
        self.send(Message::Binary(Bytes::from(frame))).await;
    }

    /// Says goodbye; nothing can be sent after it.
    pub(super) async fn close(self, code: u16, reason: &'static str) {
        self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await;
    }

    async fn send(&self, message: Message) {
        // Fails only when the sending task has ended.
        let _gone = self.0.send(message).await;
    }
}

/// Sends what comes, and every [`ALIVE`] that we are there, whatever else is sent: the tab's answers say that it is.
///
/// One frame may take [`SILENCE`] to leave: a browser on a bad line takes seconds, one that doesn't read, forever.
async fn send_all(mut sink: SplitSink<WebSocket, Message>, mut receiver: mpsc::Receiver<Message>) {
    let mut alive = interval(ALIVE);
    loop {
        let message = tokio::select! {
            message = receiver.recv() => message,
            _ = alive.tick() => text(&ServerMessage::Alive),
        };
        let Some(message) = message else { return };
        let last = matches!(message, Message::Close(_));
        if !matches!(timeout(SILENCE, sink.send(message)).await, Ok(Ok(()))) || last {
            return;
        }
    }
}

fn text(message: &ServerMessage) -> Option<Message> {
    match serde_json::to_string(message) {
        Ok(json) => Some(Message::Text(json.into())),
        Err(error) => {
            tracing::error!(%error, "a message can't be written as JSON");
            None
        }
    }
}
