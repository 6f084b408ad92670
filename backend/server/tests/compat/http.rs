//! HTTP on a socket, with what clients' libraries hide: when bytes come, and which.

use crate::common::Engine;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// An answer whose head has come.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The line with the status, without the version.
    pub(crate) status: String,
    pub(crate) content_type: String,
    chunked: bool,
    length: Option<usize>,
    reader: BufReader<UnixStream>,
}

/// Asks without a body.
pub(crate) fn ask(engine: &Engine, request: &str) -> Answer {
    send(engine, request, "", "")
}

/// Asks with JSON.
pub(crate) fn ask_with(engine: &Engine, request: &str, body: &str) -> Answer {
    send(engine, request, "Content-Type: application/json\r\n", body)
}

/// Asks for the connection itself, as the CLI does to attach.
pub(crate) fn upgrade(engine: &Engine, request: &str, body: &str) -> Answer {
    send(engine, request, "Content-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n", body)
}

/// What comes with the head in one reading, as clients take it that drop what they hold back; then what comes after.
pub(crate) fn take_the_head(engine: &Engine, request: &str, body: &str) -> (String, String) {
    let mut stream = UnixStream::connect(engine.socket()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let headers = "Content-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
    let length = body.len();
    write!(stream, "{request} HTTP/1.1\r\nHost: docker\r\n{headers}Content-Length: {length}\r\n\r\n{body}").unwrap();
    let mut buffer = [0; 64 * 1024];
    let length = stream.read(&mut buffer).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    (String::from_utf8_lossy(&buffer[..length]).into_owned(), String::from_utf8_lossy(&rest).into_owned())
}

/// Sends a request and reads the head of its answer.
fn send(engine: &Engine, request: &str, headers: &str, body: &str) -> Answer {
    let mut stream = UnixStream::connect(engine.socket()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    write!(stream, "{request} HTTP/1.1\r\nHost: docker\r\n{headers}{length}\r\n{body}").unwrap();
    let mut reader = BufReader::new(stream);
    let status = line(&mut reader);
    let mut answer = Answer {
        status: status.strip_prefix("HTTP/1.1 ").unwrap_or(&status).to_owned(),
        content_type: String::new(),
        chunked: false,
        length: None,
        reader,
    };
    loop {
        let header = line(&mut answer.reader).to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-type", value)) => answer.content_type = value.to_owned(),
            Some(("transfer-encoding", value)) => answer.chunked = value == "chunked",
            Some(("content-length", value)) => answer.length = value.parse().ok(),
            Some(_) => {}
            None => return answer,
        }
    }
}

fn line(reader: &mut impl BufRead) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

impl Answer {
    /// The body, to its end.
    pub(crate) fn body(mut self) -> Vec<u8> {
        let mut body = Vec::new();
        if self.chunked {
            loop {
                let size = usize::from_str_radix(&line(&mut self.reader), 16).unwrap();
                let mut chunk = vec![0; size + 2];
                self.reader.read_exact(&mut chunk).unwrap();
                body.extend_from_slice(&chunk[..size]);
                if size == 0 {
                    return body;
                }
            }
        }
        match self.length {
            Some(length) => {
                body.resize(length, 0);
                self.reader.read_exact(&mut body).unwrap();
            }
            None => {
                self.reader.read_to_end(&mut body).unwrap();
            }
        }
        body
    }

    pub(crate) fn json(self) -> Value {
        serde_json::from_slice(&self.body()).unwrap()
    }

    /// Status and message of an error, which has Docker's exact content type: the CLI shows any other as it is.
    pub(crate) fn error(self) -> (u16, String) {
        assert_eq!(self.content_type, "application/json", "{self:?}");
        let status = self.status.split(' ').next().unwrap().parse().unwrap();
        (status, self.json()["message"].as_str().unwrap().to_owned())
    }
}

impl Answer {
    /// What follows the head, as it comes.
    pub(crate) fn stream(self) -> impl Read {
        self.reader
    }
}
