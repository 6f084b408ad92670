//! `docker logs`: reads the `json-file` that the keeper writes.

mod config;
mod entry;
mod reader;
mod replay;
mod series;

pub use config::LogConfig;
pub use reader::{LogBatch, LogLine};
pub use replay::Replay;

pub(crate) use config::Limits;
pub(crate) use replay::{replay, write_framed};

use super::entry::Lifecycle;
use super::files;
use crate::host::VirtualHost;
use crate::{Error, ErrorKind, Result};
use reader::{Reader, Step};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long a reader that follows sleeps between looks at the file: short after it has found something, longer and
/// longer while nothing comes.
const SHORTEST_SLEEP: Duration = Duration::from_millis(5);
const LONGEST_SLEEP: Duration = Duration::from_millis(100);

/// Batches that wait for a client, each of about a quarter of a MiB.
const MOST_WAITING: usize = 4;

/// Which log lines to read. Times are nanoseconds since the epoch.
#[derive(Debug, Clone, Default)]
pub struct LogOptions {
    pub stdout: bool,
    pub stderr: bool,
    pub follow: bool,
    /// Last so many lines; `None`: all.
    pub tail: Option<usize>,
    pub since: Option<i64>,
    pub until: Option<i64>,
}

/// A container's log. Lines come until the log ends (or, following, the container does).
#[derive(Debug)]
pub struct Logs {
    /// Whether the container has a terminal: then lines are sent raw.
    pub tty: bool,
    /// What `--log-opt labels=…` and `env=…` add to every line for those who ask for details.
    pub details: BTreeMap<String, String>,
    pub batches: mpsc::Receiver<Result<LogBatch>>,
}

impl VirtualHost {
    /// Reads a container's log; following, until the container ends.
    ///
    /// Errors: no such container, no stream chosen, a container that keeps no log ([`ErrorKind::NotImplemented`]).
    pub async fn logs(&self, name: &str, options: LogOptions) -> Result<Logs> {
        if !options.stdout && !options.stderr {
            return Err(Error::invalid("Bad parameters: you must choose at least one stream"));
        }
        let entry = self.entry(name)?;
        let record = entry.record();
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
