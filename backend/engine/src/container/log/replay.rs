//! What an attach begins with: old output, in pieces, as a log may be longer than anybody's memory.

use super::reader::{Reader, Step};
use super::{LogOptions, blocking};
use crate::Result;
use crate::container::files;
use crate::id::ContainerId;
use std::path::Path;
use tokio::sync::mpsc;

/// Pieces that wait for a client, each of about a quarter of a MiB.
const MOST_WAITING: usize = 2;

/// Old output as a stream carries it: raw from a terminal, in Docker's frames otherwise.
#[derive(Debug)]
pub struct Replay(mpsc::Receiver<Vec<u8>>);

impl Replay {
    /// One piece alone, or none.
    pub fn of(bytes: Vec<u8>) -> Self {
        let (sender, replay) = Self::channel();
        // There is room, and the receiver is right here.
        let _ = sender.try_send(bytes);
        replay
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

/// What a log has so far, for an attach.
pub(crate) async fn replay(dir: &Path, id: &ContainerId, tty: bool, options: LogOptions) -> Result<Replay> {
    let path = files::log(dir, id);
    // What comes from now on comes by the attach itself.
    let mut reader = blocking(move || Reader::new(path, options)).await?;
    let (sender, replay) = Replay::channel();
    tokio::spawn(async move {
        loop {
            // No thread may wait for a client.
            let batch = match blocking(move || reader.step().map(|step| (reader, step))).await {
                Ok((back, Step::Lines(batch))) => {
                    reader = back;
                    batch
                }
                Ok((_, Step::CaughtUp | Step::Over)) => return,
                Err(error) => return tracing::warn!(%error, "a log can't be read for an attach"),
            };
            let mut bytes = Vec::with_capacity(batch.text.len());
            for line in batch.lines {
                write_framed(&mut bytes, tty, line.stderr, batch.text.get(line.text).unwrap_or_default());
            }
            if sender.send(bytes).await.is_err() {
                return;
            }
        }
    });
    Ok(replay)
}

/// Appends output as an attach carries it: raw from a terminal, in Docker's frames otherwise.
pub(crate) fn write_framed(stream: &mut Vec<u8>, tty: bool, stderr: bool, bytes: &[u8]) {
    if !tty {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        stream.extend([1 + u8::from(stderr), 0, 0, 0]);
        stream.extend(length.to_be_bytes());
    }
    stream.extend(bytes);
}
