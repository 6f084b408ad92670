//! One run of a probe: an exec whose output is kept.

use super::super::ExecSpec;
use super::super::entry::Entry;
use super::state::ProbeResult;
use crate::Result;
use crate::host::VirtualHost;
use crate::time::now;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

/// Most of a probe's output that is kept, in bytes; Docker's.
const MOST_OUTPUT: usize = 4096;
/// Length of what stands before each piece of output.
const HEADER: usize = 8;

impl VirtualHost {
    /// Runs a container's probe; one that hangs is killed at its timeout.
    pub(super) async fn probe(&self, entry: &Entry, command: Vec<String>, timeout: Duration) -> ProbeResult {
        let start = now();
        let (exit_code, output) = match self.run_probe(entry, command, timeout).await {
            Ok(outcome) => outcome,
            Err(error) => (-1, error.message),
        };
        ProbeResult { start, end: now(), exit_code, output }
    }

    async fn run_probe(&self, entry: &Entry, cmd: Vec<String>, timeout: Duration) -> Result<(i32, String)> {
        let spec = ExecSpec { cmd, attach_stdout: true, attach_stderr: true, ..ExecSpec::default() };
        let id = self.create_exec(&entry.id, spec).await?;
        let finish = async {
            let Some(mut attached) = self.start_exec(&id, false, None).await? else { return Ok((-1, String::new())) };
            let stream = match attached.stream {
                Some(stream) => stream.connected().await,
                None => None,
            };
            let Some(mut stream) = stream else {
                let why = attached.replay.next().await.unwrap_or_default();
                let why = why.get(HEADER..).unwrap_or_default();
                return Ok((-1, String::from_utf8_lossy(why).trim_end().to_owned()));
            };
            let output = output(&mut stream).await;
            Ok((self.exec_ended(&id).await?, output))
        };
        let outcome = match tokio::time::timeout(timeout, finish).await {
            Ok(outcome) => outcome,
            Err(_) => {
                self.end_exec(&id).await;
                Ok((-1, format!("Health check exceeded timeout ({})", go_duration(timeout))))
            }
        };
        self.forget_exec(&id);
        outcome
    }
}

/// All that a probe writes, and no more of it than is kept.
async fn output(stream: &mut UnixStream) -> String {
    let mut kept = Vec::new();
    let mut header = [0; HEADER];
    let mut payload = Vec::new();
    // The keeper ends the stream after the last whole frame.
    while stream.read_exact(&mut header).await.is_ok() {
        let [.., a, b, c, d] = header;
        payload.resize(u32::from_be_bytes([a, b, c, d]) as usize, 0);
        if stream.read_exact(&mut payload).await.is_err() {
            break;
        }
        let room = (MOST_OUTPUT + 1).saturating_sub(kept.len());
        kept.extend(payload.iter().take(room));
    }
    let truncated = kept.len() > MOST_OUTPUT;
    kept.truncate(MOST_OUTPUT);
    let mut text = String::from_utf8_lossy(&kept).into_owned();
    if truncated {
        text.push_str("...");
    }
    text
}

/// A span of time as Go writes it: `1.5s`, `1m30s`, `100ms`.
fn go_duration(span: Duration) -> String {
    let seconds = span.as_secs();
    if seconds == 0 {
        return format!("{}ms", span.as_secs_f64() * 1000.0);
    }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = span.as_secs_f64() - (seconds / 60 * 60) as f64;
    match (hours, minutes) {
        (0, 0) => format!("{rest}s"),
        (0, _) => format!("{minutes}m{rest}s"),
        _ => format!("{hours}h{minutes}m{rest}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_written_as_go_does() {
        for (millis, text) in [(1500, "1.5s"), (1000, "1s"), (90_000, "1m30s"), (3_600_000, "1h0m0s"), (100, "100ms")] {
            assert_eq!(go_duration(Duration::from_millis(millis)), text);
        }
    }
}
