#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use rustix::pipe::pipe;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

const ALL: protocol::Streams = protocol::Streams { stdin: true, stdout: true, stderr: true };

/// A process's streams, with the ends that the process would have.
struct Fixture {
    poller: Poller,
    streams: ProcessStreams,
    stdin: std::fs::File,
    stdout: std::fs::File,
    /// Only held open.
    _stderr: OwnedFd,
}

impl Fixture {
    fn new() -> Self {
        let poller = Poller::new().unwrap();
        let io = Io { stdin: true, stdin_once: true };
        let mut streams = ProcessStreams::new(7, &poller, false, io, None, 0);
        let [stdin, stdout, stderr] = [pipe().unwrap(), pipe().unwrap(), pipe().unwrap()];
        streams.open_pipes([Some(stdin.1), Some(stdout.0), Some(stderr.0)]).unwrap();
        Self { poller, streams, stdin: stdin.0.into(), stdout: stdout.1.into(), _stderr: stderr.1 }
    }

    fn attach(&mut self) -> UnixStream {
        let stream = UnixStream::from(self.streams.attach(ALL, false).unwrap().0);
        stream.set_nonblocking(true).unwrap();
        stream
    }

    /// Handles what there is to handle.
    fn settle(&mut self) {
        let mut scratch = vec![0; 4096];
        loop {
            let events = self.poller.wait(Some(Duration::ZERO)).unwrap();
            if events.is_empty() {
                return;
            }
            for ready in events {
                match ready.token {
                    Token::Client(7, client) => self.streams.client_ready(client, ready, &mut scratch),
                    Token::Stdin(7) => self.streams.stdin_ready(),
                    Token::Stdout(7) => self.streams.output_ready(Output::Stdout, &mut scratch),
                    Token::Stderr(7) => self.streams.output_ready(Output::Stderr, &mut scratch),
                    other => unreachable!("{other:?}"),
                }
            }
        }
    }

    /// Writes to stdout until nobody takes it any more; how much that was.
    fn flood(&mut self) -> usize {
        rustix::io::ioctl_fionbio(&self.stdout, true).unwrap();
        let mut total = 0;
        loop {
            match self.stdout.write(&[b'x'; 4096]) {
                Ok(count) => total += count,
                Err(_) => return total,
            }
            self.settle();
        }
    }
}

fn read_there_is(stream: &mut UnixStream) -> usize {
    let mut found = Vec::new();
    let _ = stream.read_to_end(&mut found);
    found.len()
}

#[test]
fn a_client_that_does_not_read_stops_the_output() {
    let mut process = Fixture::new();
    let mut idle = process.attach();
    let mut eager = process.attach();
    let written = process.flood();
    assert!(written < 4 << 20, "{written} bytes were taken");
    // The other client can't have more than the output that was read.
    assert!(read_there_is(&mut eager) > 0);
    process.settle();
    assert_eq!(process.flood(), 0, "one of two clients is enough");

    let mut seen = 0;
    while seen < written {
        seen += read_there_is(&mut idle);
        let _ = read_there_is(&mut eager);
        process.settle();
    }
    assert!(process.flood() > 0, "it goes on");
    drop((idle, eager));
    process.settle();
    assert!(!process.streams.has_clients());
}

#[test]
fn a_process_that_does_not_read_stops_its_clients() {
    let mut process = Fixture::new();
    let mut client = process.attach();
    let mut written = 0;
    while let Ok(count) = client.write(&[b'x'; 4096]) {
        written += count;
        process.settle();
    }
    assert!(written < 4 << 20, "{written} bytes were taken");
    // What was written counts, though the client has gone.
    drop(client);
    let mut read = 0;
    let mut buffer = vec![0; 65_536];
    loop {
        process.settle();
        match process.stdin.read(&mut buffer).unwrap() {
            0 => break,
            count => read += count,
        }
    }
    assert_eq!(read, written);
}

#[test]
fn what_is_left_at_the_end_is_sent_before_the_end() {
    let mut process = Fixture::new();
    let deaf = process.attach();
    deaf.shutdown(Shutdown::Read).unwrap();
    let mut client = process.attach();
    let written = process.flood();
    process.streams.finish(&mut vec![0; 4096]);
    assert!(process.streams.ended() && process.streams.has_clients());
    let mut all = Vec::new();
    while process.streams.has_clients() {
        let _ = client.read_to_end(&mut all);
        process.settle();
    }
    let _ = client.read_to_end(&mut all);
    let payload = all.iter().filter(|byte| **byte == b'x').count();
    assert_eq!(payload, written);
}
