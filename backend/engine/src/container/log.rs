//! `docker logs`: reads the `json-file` that the keeper writes.

use super::files;
use crate::host::{LogLine, LogOptions, Logs, VirtualHost};
use crate::{Error, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, BufReader, SeekFrom};
use tokio::sync::{mpsc, watch};

/// Longest line of the log file that is read, in bytes: the keeper cuts at 16 KiB, and JSON may write a byte as six.
const LONGEST: u64 = 128 * 1024;

/// How long a reader that follows sleeps between looks at the file.
const PERIOD: std::time::Duration = std::time::Duration::from_millis(100);

/// One line of the file.
#[derive(Deserialize)]
struct Entry {
    log: String,
    stream: String,
    time: jiff::Timestamp,
}

impl VirtualHost {
    /// Reads a container's log; following, until the container ends.
    pub async fn logs(&self, name: &str, options: LogOptions) -> Result<Logs> {
        if !options.stdout && !options.stderr {
            return Err(Error::invalid("Bad parameters: you must choose at least one stream"));
        }
        let entry = self.entry(name)?;
        let path = files::log(&self.container_dir(&entry.id), &entry.id);
        let lifecycle = options.follow.then(|| entry.lifecycle());
        let (sender, lines) = mpsc::channel(64);
        tokio::spawn(async move {
            if let Err(error) = send_lines(path, options, lifecycle, &sender).await {
                // The reader may have hung up: nobody is left to tell.
                let _ = sender.send(Err(error)).await;
            }
        });
        let tty = entry.record().spec.tty;
        Ok(Logs { tty, lines })
    }
}

/// What a log has so far, as bytes for an attach: raw for a terminal, framed otherwise.
pub(crate) async fn history(dir: &Path, id: &str, tty: bool, options: LogOptions) -> Result<Vec<u8>> {
    let (sender, mut lines) = mpsc::channel(64);
    let path = files::log(dir, id);
    // The sender goes with the reading: its end is the end of the lines.
    let reading = async move { send_lines(path, options, None, &sender).await };
    let collecting = async {
        let mut bytes = Vec::new();
        while let Some(line) = lines.recv().await {
            let line = line?;
            write_framed(&mut bytes, tty, line.stderr, &line.bytes);
        }
        Ok(bytes)
    };
    let (read, collected) = tokio::join!(reading, collecting);
    read.and(collected)
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

async fn send_lines(
    path: PathBuf,
    options: LogOptions,
    mut lifecycle: Option<watch::Receiver<super::entry::Lifecycle>>,
    lines: &mpsc::Sender<Result<LogLine>>,
) -> Result<()> {
    let unreadable = |error: std::io::Error| Error::system(format!("cannot read the container's log: {error}"));
    let mut file = match File::open(&path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !options.follow => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => wait_for_file(&path, &mut lifecycle).await?,
        Err(error) => return Err(unreadable(error)),
    };
    if let Some(wanted) = options.tail {
        let start = start_of_last(&mut file, wanted).await.map_err(unreadable)?;
        file.seek(SeekFrom::Start(start)).await.map_err(unreadable)?;
    }
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    let mut raw = Vec::new();
    // The log is complete once the container has ended: look once more after that, then stop.
    let mut last_look = lifecycle.is_none();
    loop {
        (&mut reader).take(LONGEST).read_until(b'\n', &mut raw).await.map_err(unreadable)?;
        if raw.ends_with(b"\n") {
            let entry: Entry = serde_json::from_slice(&raw)
                .map_err(|error| Error::system(format!("a line of the container's log can't be read: {error}")))?;
            raw.clear();
            let time = i64::try_from(entry.time.as_nanosecond()).unwrap_or(i64::MAX);
            if options.until.is_some_and(|until| time > until) {
                return Ok(());
            }
            let stderr = entry.stream == "stderr";
            let wanted = if stderr { options.stderr } else { options.stdout };
            if wanted && options.since.is_none_or(|since| time >= since) {
                let line = LogLine { stderr, time, bytes: entry.log.into_bytes() };
                if lines.send(Ok(line)).await.is_err() {
                    return Ok(());
                }
            }
        } else if raw.len() as u64 >= LONGEST {
            return Err(Error::system("a line of the container's log is too long to be one of ours"));
        } else if last_look {
            return Ok(());
        } else if let Some(lifecycle) = &mut lifecycle {
            tokio::select! {
                () = tokio::time::sleep(PERIOD) => {}
                () = lines.closed() => return Ok(()),
            }
            last_look = ended(lifecycle);
        }
    }
}

fn ended(lifecycle: &watch::Receiver<super::entry::Lifecycle>) -> bool {
    let life = lifecycle.borrow();
    !life.running || life.removed
}

/// A container that hasn't run has no log yet; following waits for its start.
async fn wait_for_file(path: &Path, lifecycle: &mut Option<watch::Receiver<super::entry::Lifecycle>>) -> Result<File> {
    if let Some(lifecycle) = lifecycle {
        let _ = lifecycle.wait_for(|life| life.running || life.exits > 0 || life.removed).await;
    }
    File::open(path).await.map_err(|error| Error::system(format!("the container has no log: {error}")))
}

/// Where the last `wanted` lines of a file begin: read backwards in blocks, so that a long log costs nothing.
async fn start_of_last(file: &mut File, wanted: usize) -> std::io::Result<u64> {
    const BLOCK: u64 = 64 * 1024;
    let end = file.seek(SeekFrom::End(0)).await?;
    let mut position = end;
    let mut seen = 0;
    let mut block = Vec::new();
    while position > 0 {
        let start = position.saturating_sub(BLOCK);
        file.seek(SeekFrom::Start(start)).await?;
        block.clear();
        (&mut *file).take(position - start).read_to_end(&mut block).await?;
        for (index, _) in block.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n') {
            let after = start + index as u64 + 1;
            // The newline at the very end closes the last line, it doesn't begin one.
            if after < end || wanted == 0 {
                seen += 1;
            }
            if seen == wanted.max(1) && (after < end || wanted == 0) {
                return Ok(after);
            }
        }
        position = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn read(content: &str, options: LogOptions) -> Vec<String> {
        let path = std::env::temp_dir().join(format!(
            "lernhafen-log-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::write(&path, content).unwrap();
        let (sender, mut lines) = mpsc::channel(64);
        send_lines(path.clone(), options, None, &sender).await.unwrap();
        drop(sender);
        std::fs::remove_file(path).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.recv().await {
            all.push(String::from_utf8(line.unwrap().bytes).unwrap());
        }
        all
    }

    fn log(lines: &[(&str, &str)]) -> String {
        lines
            .iter()
            .enumerate()
            .map(|(n, (stream, text))| {
                format!(
                    "{{\"log\":\"{text}\\n\",\"stream\":\"{stream}\",\"time\":\"2026-01-01T00:00:0{n}.000000001Z\"}}\n"
                )
            })
            .collect()
    }

    #[tokio::test]
    async fn streams_tail_and_times_select_lines() {
        let both = LogOptions { stdout: true, stderr: true, ..LogOptions::default() };
        let content = log(&[("stdout", "a"), ("stderr", "b"), ("stdout", "c")]);
        assert_eq!(read(&content, both.clone()).await, ["a\n", "b\n", "c\n"]);
        assert_eq!(read(&content, LogOptions { stderr: false, ..both.clone() }).await, ["a\n", "c\n"]);
        assert_eq!(read(&content, LogOptions { tail: Some(2), ..both.clone() }).await, ["b\n", "c\n"]);
        assert_eq!(read(&content, LogOptions { tail: Some(9), ..both.clone() }).await.len(), 3);
        assert_eq!(read(&content, LogOptions { tail: Some(0), ..both.clone() }).await.len(), 0);
        let second = 1_767_225_601_000_000_001;
        assert_eq!(read(&content, LogOptions { since: Some(second), ..both.clone() }).await, ["b\n", "c\n"]);
        assert_eq!(read(&content, LogOptions { until: Some(second), ..both }).await, ["a\n", "b\n"]);
    }
}
