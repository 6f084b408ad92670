//! What is typed into a terminal, until its shell takes it.

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Most bytes that wait for a shell that doesn't read.
const MAX_WAITING: usize = 1024 * 1024;

/// The shell doesn't read, and no more is kept for it.
#[derive(Debug)]
pub(crate) struct InputFull;

/// Bytes on their way to a shell. Typing never waits: whoever types must go on to read what is shown.
#[derive(Debug, Default)]
pub(super) struct Input {
    waiting: Mutex<Vec<u8>>,
    added: Notify,
}

impl Input {
    pub(super) fn push(&self, bytes: &[u8]) -> Result<(), InputFull> {
        let mut waiting = self.waiting.lock();
        if waiting.len() + bytes.len() > MAX_WAITING {
            return Err(InputFull);
        }
        waiting.extend_from_slice(bytes);
        self.added.notify_one();
        Ok(())
    }

    /// Waits for bytes and takes them all.
    pub(super) async fn take(&self) -> Vec<u8> {
        loop {
            let bytes = self.take_now();
            if !bytes.is_empty() {
                return bytes;
            }
            self.added.notified().await;
        }
    }

    /// What waits now: maybe nothing.
    pub(super) fn take_now(&self) -> Vec<u8> {
        std::mem::take(&mut self.waiting.lock())
    }
}
