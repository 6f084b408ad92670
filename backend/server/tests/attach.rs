//! Attaching, with all that the CLI doesn't ask for, and waiting.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually};
use futures_util::{SinkExt, StreamExt};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

#[test]
fn a_websocket_carries_raw_bytes_both_ways() {
    let engine = Engine::start();
    let script = "echo before; while read line; do echo out $line; echo err $line >&2; done; echo end";
    engine.docker(&["run", "-di", "--name", "box", "busybox", "sh", "-c", script]).ok();
    eventually("it has begun", || engine.docker(&["logs", "box"]).out == "before\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let heard = runtime.block_on(async {
        let stream = tokio::net::UnixStream::connect(engine.socket()).await.unwrap();
        let address = "ws://localhost/containers/box/attach/ws?logs=1&stream=1&stdin=1&stdout=1&stderr=1";
        let (mut socket, _) = client_async(address, stream).await.unwrap();
        let mut heard = String::new();
        let mut listen = async |socket: &mut tokio_tungstenite::WebSocketStream<_>, until: &str| {
            while !heard.contains(until) {
                let Some(Ok(Message::Binary(bytes))) = socket.next().await else { break };
                heard.push_str(str::from_utf8(&bytes).unwrap());
            }
            heard.clone()
        };
        listen(&mut socket, "before\n").await;
        socket.send(Message::Binary("hello\n".into())).await.unwrap();
        listen(&mut socket, "err hello\n").await;
        listen(&mut socket, "out hello\n").await
    });
    let mut lines: Vec<_> = heard.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["before", "err hello", "out hello"]);
    let plain =
        engine.raw(b"GET /containers/box/attach/ws?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(plain.starts_with("HTTP/1.1 400") && plain.ends_with("\r\n\r\nnot websocket protocol"), "{plain}");
    engine.docker(&["rm", "-f", "box"]).ok();
}

#[test]
fn an_attach_can_begin_with_a_long_log() {
    let engine = Engine::start();
    engine.docker(&["run", "--name", "box", "busybox", "sh", "-c", "seq 200000"]).ok();
    let answer =
        engine.raw(b"POST /containers/box/attach?logs=1&stdout=1 HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n");
    let numbers = (1..=200_000u32).map(|n| n.to_string());
    let digits: String = answer.split_once("\r\n\r\n").unwrap().1.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(digits.len(), numbers.map(|number| number.len()).sum::<usize>());
}

#[test]
fn every_condition_of_a_wait_is_met() {
    let engine = Engine::start();
    let wait = |name: &str, condition: &str| {
        let head = format!(
            "POST /containers/{name}/wait?condition={condition} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        );
        engine.raw(head.as_bytes())
    };
    engine.docker(&["create", "--name", "box", "busybox", "sh", "-c", "sleep 0.3; exit 7"]).ok();
    assert!(wait("box", "").contains("{\"StatusCode\":0}"), "it doesn't run");
    let bad = wait("box", "later");
    assert!(bad.starts_with("HTTP/1.1 400") && bad.contains("invalid condition: \\\"later\\\""), "{bad}");
    assert!(wait("nobody", "next-exit").starts_with("HTTP/1.1 404"));
    let [mut next, mut removed] = ["next-exit", "removed"].map(|condition| begin_wait(&engine, condition));
    engine.docker(&["start", "box"]).ok();
    assert!(wait("box", "not-running").contains("{\"StatusCode\":7}"));
    assert!(rest(&mut next).contains("{\"StatusCode\":7}"));
    removed.set_nonblocking(true).unwrap();
    assert_eq!(removed.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock, "it is still there");
    removed.set_nonblocking(false).unwrap();
    engine.docker(&["rm", "box"]).ok();
    assert!(rest(&mut removed).contains("{\"StatusCode\":7}"));
}

/// A wait that has begun: its answer's head is there.
fn begin_wait(engine: &Engine, condition: &str) -> UnixStream {
    let mut stream = UnixStream::connect(engine.socket()).unwrap();
    let head =
        format!("POST /containers/box/wait?condition={condition} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    stream
}

fn rest(stream: &mut UnixStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}
