//! What an attach begins with: old output, in pieces, as a log may be longer than anybody's memory.

use tokio::sync::mpsc;

/// Pieces that wait for a client, each of about a quarter of a MiB.
const MOST_WAITING: usize = 2;

/// Old output as a stream carries it: raw from a terminal, in Docker's frames otherwise.
#[derive(Debug)]
pub struct History(mpsc::Receiver<Vec<u8>>);

impl History {
    /// One piece alone, or none.
    pub fn of(bytes: Vec<u8>) -> Self {
        let (sender, history) = Self::channel();
        // There is room, and the receiver is right here.
        let _ = sender.try_send(bytes);
        history
    }

    pub(crate) fn channel() -> (mpsc::Sender<Vec<u8>>, Self) {
        let (sender, pieces) = mpsc::channel(MOST_WAITING);
        (sender, Self(pieces))
    }

    /// The next piece; `None` after the last.
    pub async fn next(&mut self) -> Option<Vec<u8>> {
        self.0.recv().await
    }
}
