//! What a pull or a push says on its way.

use crate::Result;
use tokio::sync::mpsc;

/// How many lines may wait for a client that reads slowly, before the work waits, too.
const MOST_WAITING: usize = 64;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Message(String),
    /// `latest: Pulling from library/debian`
    Of {
        id: String,
        status: String,
    },
    /// Of one layer: the short form of its digest, what happens to it, and how far that is in bytes.
    Layer {
        id: String,
        status: &'static str,
        done: Option<(u64, u64)>,
    },
    /// What a push has put there.
    Pushed {
        tag: String,
        digest: String,
        size: u64,
    },
}

/// Where the lines go. Clones go to the same place.
#[derive(Debug, Clone)]
pub(crate) struct Reporter(mpsc::Sender<Result<Progress>>);

/// The lines of work that goes on beside: an error is the last. Dropping this ends the work.
#[derive(Debug)]
pub struct ProgressStream(mpsc::Receiver<Result<Progress>>);

impl ProgressStream {
    /// The next line; `None`: it is done.
    pub async fn next(&mut self) -> Option<Result<Progress>> {
        self.0.recv().await
    }

    /// Begins work that ends when nobody wants to know of it any more.
    pub(crate) fn of<F: Future<Output = Result<()>> + Send>(work: impl FnOnce(Reporter) -> F + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        tokio::spawn(async move {
            let outcome = tokio::select! {
                outcome = work(Reporter(sender.clone())) => outcome,
                () = sender.closed() => return,
            };
            if let Err(error) = outcome {
                // Whoever asked may have gone meanwhile.
                let _ = sender.send(Err(error)).await;
            }
        });
        Self(receiver)
    }
}

impl Reporter {
    pub(crate) async fn say(&self, progress: Progress) {
        // Whoever asked may have gone: the work ends, then.
        let _ = self.0.send(Ok(progress)).await;
    }

    pub(crate) async fn layer(&self, id: &str, status: &'static str, done: Option<(u64, u64)>) {
        self.say(Progress::Layer { id: id.to_owned(), status, done }).await;
    }
}

/// The twelve digits that stand for a digest.
pub(crate) fn short(digest: &str) -> String {
    digest.trim_start_matches("sha256:").chars().take(12).collect()
}
