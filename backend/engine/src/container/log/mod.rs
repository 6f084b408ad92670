//! `docker logs`: reads the `json-file` that the keeper writes.

mod config;
mod entry;
mod reader;
mod series;

pub use config::LogConfig;

pub(crate) use config::Limits;

use super::entry::Lifecycle;
use super::files;
use crate::host::{History, LogBatch, LogOptions, Logs, VirtualHost};
use crate::{Error, ErrorKind, Result};
use reader::{Reader, Step};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long a reader that follows sleeps between looks at the file: short after it has found something, longer and
/// longer while nothing comes.
const SHORTEST_SLEEP: Duration = Duration::from_millis(5);
const LONGEST_SLEEP: Duration = Duration::from_millis(100);

/// Batches that wait for a client, each of about a quarter of a MiB.
const MOST_WAITING: usize = 4;

impl VirtualHost {
    /// Reads a container's log; following, until the container ends.
    ///
    /// Errors: no such container, no stream chosen, a container that keeps no log ([`ErrorKind::NotImplemented`]).
    pub async fn logs(&self, name: &str, options: LogOptions) -> Result<Logs> {
        if !options.stdout && !options.stderr {
            return Err(Error::invalid("Bad parameters: you must choose at least one stream"));
        }
        let entry = self.entry(name)?;
        let record = entry.record().clone();
        if !record.spec.log.is_kept() {
            return Err(Error::new(ErrorKind::NotImplemented, "configured logging driver does not support reading"));
        }
        let path = files::log(&self.container_dir(&entry.id), &entry.id);
        let lifecycle = entry.lifecycle();
        // As in Docker: who follows what doesn't run gets what there is.
        let options = LogOptions { follow: options.follow && lifecycle.borrow().running, ..options };
        let (sender, batches) = mpsc::channel(MOST_WAITING);
        tokio::spawn(async move {
            if let Err(error) = send(path, options, lifecycle, &sender).await {
                // The reader may have hung up: nobody is left to tell.
                let _ = sender.send(Err(error)).await;
            }
        });
        Ok(Logs { tty: record.spec.tty, details: record.spec.log.details(&record), batches })
    }
}

/// What a log has so far, for an attach.
pub(crate) async fn history(dir: &Path, id: &str, tty: bool, options: LogOptions) -> Result<History> {
    let path = files::log(dir, id);
    // What comes from now on comes by the attach itself.
    let mut reader = blocking(move || Reader::new(path, options)).await?;
    let (sender, history) = History::channel();
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
    Ok(history)
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

async fn send(
    path: PathBuf,
    options: LogOptions,
    mut lifecycle: watch::Receiver<Lifecycle>,
    batches: &mpsc::Sender<Result<LogBatch>>,
) -> Result<()> {
    let exits = lifecycle.borrow().exits;
    let over = sleep_until(options.until.filter(|_| options.follow));
    tokio::pin!(over);
    let follow = options.follow;
    let mut reader = blocking(move || Reader::new(path, options)).await?;
    let mut sleep = SHORTEST_SLEEP;
    // The log is complete once the container has ended: look once more after that, then stop.
    let mut last_look = !follow;
    loop {
        let (back, step) = blocking(move || reader.step().map(|step| (reader, step))).await?;
        reader = back;
        match step {
            Step::Lines(batch) => {
                if batches.send(Ok(batch)).await.is_err() {
                    return Ok(());
                }
                sleep = SHORTEST_SLEEP;
            }
            Step::Over => return Ok(()),
            Step::CaughtUp if last_look => return Ok(()),
            Step::CaughtUp => {
                let ended = lifecycle.wait_for(|life| !life.running || life.exits > exits || life.removed);
                tokio::select! {
                    _ = ended => last_look = true,
                    () = &mut over => last_look = true,
                    () = batches.closed() => return Ok(()),
                    () = tokio::time::sleep(sleep) => sleep = (sleep * 2).min(LONGEST_SLEEP),
                }
            }
        }
    }
}

/// Sleeps until a time in nanoseconds since the epoch; for ever without one.
async fn sleep_until(time: Option<i64>) {
    match time {
        Some(time) => {
            let left = u64::try_from(time.saturating_sub(crate::time::now())).unwrap_or(0);
            tokio::time::sleep(Duration::from_nanos(left)).await;
        }
        None => std::future::pending().await,
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> std::io::Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(std::io::Error::from).flatten().map_err(|error| unreadable(&error))
}

fn unreadable(error: &std::io::Error) -> Error {
    Error::system(format!("cannot read the container's log: {error}"))
}
