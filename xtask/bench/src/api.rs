//! Docker's API without the client, for what the client's own start would cover.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub(crate) struct Api {
    socket: PathBuf,
}

impl Api {
    /// The API behind a socket, whose path is as seen from below `root`.
    pub(crate) fn new(root: &Path, socket: &str) -> Self {
        Self { socket: root.join(socket.trim_start_matches('/')) }
    }

    /// One request, on a connection of its own. An answer that is an error is one here.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Result<()> {
        let mut stream = UnixStream::connect(&self.socket).context("could not connect")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{method} /v1.45{path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).with_context(|| format!("no answer to {method} {path}"))?;
        match answer.split(' ').nth(1) {
            Some(status) if status.starts_with('2') => Ok(()),
            _ => bail!("{method} {path}: {answer}"),
        }
    }
}
