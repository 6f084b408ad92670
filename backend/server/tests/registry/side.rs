//! An engine with a registry on an address of its own, and plain HTTP to it.

use crate::common::{Engine, eventually};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

pub(crate) struct Side {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
}

impl Side {
    pub(crate) fn start() -> Self {
        // Free a moment ago, and nobody else's for another.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let listen = address.to_string();
        let engine = Engine::start_with(&["--registry", "hub.hafen", "--registry-listen", &listen]);
        let side = Self { engine, address };
        side.wait();
        side
    }

    /// Kills the server as a crash would, and starts it again.
    pub(crate) fn kill_and_start_again(&mut self) {
        self.engine.kill_server();
        self.engine.start_again();
        self.wait();
    }

    /// Head and body of the answer to a request without the lines that every request has.
    pub(crate) fn http(&self, request: &str, headers: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = self.connect();
        let length = body.len();
        let head = format!(
            "{request} HTTP/1.1\r\nhost: hub.hafen\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let (_, body) = self.http(&format!("GET {path}"), "", b"");
        String::from_utf8(body).unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    fn wait(&self) {
        eventually("the registry answers", || TcpStream::connect(self.address).is_ok());
    }
}

/// The value of a header in a head.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    line.unwrap_or_else(|| panic!("no {name} in {head}"))
}
