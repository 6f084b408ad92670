//! One request, and what comes back for it.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long one reads on after the head of an answer: some go on for ever.
const BODY: Duration = Duration::from_millis(50);

/// Nothing that is looked at is longer.
const LONGEST: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// If it is JSON.
    body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// What went wrong, as Docker says it.
    pub(crate) fn message(&self) -> Option<&str> {
        self.body["message"].as_str()
    }

    /// Of something that was made.
    pub(crate) fn id(&self) -> Option<String> {
        Some(self.body["Id"].as_str()?.to_owned())
    }
}

/// Sends bytes and reads the answer; `None` if none begins within `patience`. What is not `complete` ends where it ends.
pub(crate) fn exchange(socket: &Path, request: &[u8], complete: bool, patience: Duration) -> Option<Answer> {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    stream.set_write_timeout(Some(patience)).unwrap();
    // The server may have answered, and gone, before it has read everything.
    let _ = stream.write_all(request);
    if !complete {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut part) {
        bytes.extend_from_slice(&part[..count]);
        if bytes.len() > LONGEST {
            break;
        }
        stream.set_read_timeout(Some(BODY)).unwrap();
    }
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let content_type = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type").then(|| value.trim().to_owned())
    });
    let (text, body) = (body.trim().to_owned(), serde_json::from_str(body).unwrap_or_default());
    Some(Answer { status, content_type: content_type.unwrap_or_default(), body, text })
}
