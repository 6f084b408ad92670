#![allow(clippy::unwrap_used)]
//! Raw bytes on a socket, as a client may send them.

use super::*;
use crate::body::Json;
use crate::error::{Error, Reply};
use crate::hijack::Hijack;
use crate::not_yet::not_yet;
use crate::router::versioned;
use axum::extract::Request;
use axum::routing::{MethodFilter, get, post};
use engine::container::Attached;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A server on a socket of its own, with routes that need no engine.
struct Server {
    socket: std::path::PathBuf,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
        std::fs::remove_file(&self.socket).unwrap();
    }
}

impl Server {
    fn start(name: &str) -> Self {
        let socket = std::env::temp_dir().join(format!("lernhafen-{name}-{}.sock", std::process::id()));
        let routes = Router::new()
            .route("/echo", post(async |body: Json| body.value().to_string()))
            .route("/fail", get(async || Error::from(engine::Error::system("it broke"))))
            .route("/same", get(async || Error::from(engine::Error::new(engine::ErrorKind::NotModified, "already so"))))
            .route("/attach", post(attach))
            .route("/images/{name}/json", get(async |name: crate::query::Name| name.0))
            .route("/build", not_yet(MethodFilter::POST, "`docker build`"));
        let serving = tokio::spawn(serve_router(UnixListener::bind(&socket).unwrap(), versioned(routes)));
        Self { socket, serving }
    }

    async fn connect(&self) -> UnixStream {
        UnixStream::connect(&self.socket).await.unwrap()
    }

    /// What comes back until the server closes the connection.
    async fn send(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The server may have answered and gone before it has read everything.
        let _ = stream.write_all(request).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        String::from_utf8(reply).unwrap()
    }

    async fn get(&self, path: &str) -> String {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await
    }

    async fn post(&self, path: &str, headers: &str, body: &str) -> String {
        self.send(format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n{body}").as_bytes())
            .await
    }
}

async fn attach(mut request: Request) -> Reply {
    let hijack = Hijack::of(&mut request);
    let attached = Attached { tty: false, replay: engine::container::Replay::of(b"history".to_vec()), stream: None };
    Ok(hijack.respond(attached.tty, std::future::ready(Ok(attached))))
}

#[track_caller]
fn assert_reply(reply: &str, status: &str, body: &str) {
    assert!(reply.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{reply}");
    assert!(reply.ends_with(&format!("\r\n\r\n{body}")), "{reply}");
}

#[tokio::test]
async fn every_answer_has_dockers_headers() {
    let server = Server::start("headers");
    for path in ["/fail", "/nothing", "/v1.99/fail", "/same"] {
        let reply = server.get(path).await;
        for header in ["Api-Version: 1.51", "Docker-Experimental: false", "Ostype: linux", "Server: Lernhafen/"] {
            assert!(reply.contains(&format!("\r\n{header}")), "{path} {header}: {reply}");
        }
    }
}

#[tokio::test]
async fn errors_have_dockers_shape() {
    let server = Server::start("errors");
    let reply = server.get("/v1.44/fail").await;
    assert_reply(&reply, "500 Internal Server Error", r#"{"message":"it broke"}"#);
    assert!(reply.contains("\r\nContent-Type: application/json\r\n"), "{reply}");
    assert_reply(&server.get("/nothing").await, "404 Not Found", r#"{"message":"page not found"}"#);
    assert_reply(&server.get("/echo").await, "404 Not Found", r#"{"message":"page not found"}"#);
    assert_reply(&server.get("/v1.51").await, "404 Not Found", r#"{"message":"page not found"}"#);
    assert_reply(&server.get("/same").await, "304 Not Modified", "");
    let too_new = server.get("/v1.99/fail").await;
    assert!(too_new.starts_with("HTTP/1.1 400 "), "{too_new}");
    assert!(too_new.contains("client version 1.99 is too new"), "{too_new}");
    let too_old = server.get("/v1.20/fail").await;
    assert!(too_old.starts_with("HTTP/1.1 400 "), "{too_old}");
    assert!(too_old.contains("\r\nContent-Type: text/plain; charset=utf-8\r\n"), "{too_old}");
    assert!(too_old.contains("\r\n\r\nclient version 1.20 is too old. "), "{too_old}");
}

#[tokio::test]
async fn options_are_asked_for_anywhere() {
    let server = Server::start("options");
    for path in ["/fail", "/v1.51/fail", "/nothing", "*"] {
        let reply =
            server.send(format!("OPTIONS {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert_reply(&reply, "200 OK", "");
    }
}

#[tokio::test]
async fn names_may_have_slashes_and_percents() {
    let server = Server::start("names");
    assert_reply(&server.get("/images/a/b:1/json").await, "200 OK", "a/b:1");
    assert_reply(&server.get("/v1.30/images/a%2Fb/json?x=y").await, "200 OK", "a/b");
    assert!(server.get("/images/%FF/json").await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn bodies_are_read_with_and_without_a_length() {
    let server = Server::start("bodies");
    let json = "Content-Type: application/json\r\n";
    let reply = server.post("/echo", &format!("{json}Content-Length: 8\r\n"), r#"{"a": 1}"#).await;
    assert_reply(&reply, "200 OK", r#"{"a":1}"#);
    let chunked = format!("{json}Transfer-Encoding: chunked\r\n");
    assert_reply(&server.post("/echo", &chunked, "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n").await, "200 OK", r#"{"a":1}"#);
    assert_reply(&server.post("/echo", "", "").await, "200 OK", "null");
}

#[tokio::test]
async fn bodies_that_lie_are_refused() {
    let server = Server::start("lies");
    let json = "Content-Type: application/json\r\n";
    for (headers, body) in [
        (format!("{json}Transfer-Encoding: chunked\r\n"), "zz\r\n{}\r\n0\r\n\r\n"),
        (format!("{json}Transfer-Encoding: chunked\r\n"), "fffffffffffffffff\r\n{}\r\n"),
        (format!("{json}Content-Length: 2\r\n"), "{\"a\":1}"),
        (format!("{json}Content-Length: -2\r\n"), "{}"),
        (format!("{json}Content-Length: 2\r\nContent-Length: 7\r\n"), "{\"a\":1}"),
        ("Content-Type: text/plain\r\nContent-Length: 2\r\n".to_owned(), "{}"),
        (format!("{json}Content-Length: 1\r\n"), "{"),
    ] {
        let reply = server.post("/echo", &headers, body).await;
        assert!(reply.starts_with("HTTP/1.1 400 "), "{headers} {body}: {reply}");
    }
    // Others are served as if nothing had been.
    assert_reply(&server.post("/echo", "", "").await, "200 OK", "null");
}

#[tokio::test]
async fn a_body_that_breaks_off_ends_the_connection() {
    let server = Server::start("broken");
    let mut stream = server.connect().await;
    stream
        .write_all(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        .await
        .unwrap();
    stream.shutdown().await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 400 "), "{reply}");
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let server = Server::start("large");
    let body = format!("\"{}\"", "x".repeat(8 * 1024 * 1024));
    let headers = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    assert!(server.post("/echo", &headers, &body).await.starts_with("HTTP/1.1 413 "));
    let endless = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", u64::MAX / 2);
    assert!(server.post("/echo", &endless, "{").await.starts_with("HTTP/1.1 413 "));
    let many = "X: y\r\n".repeat(200);
    assert!(server.post("/echo", &many, "").await.starts_with("HTTP/1.1 431 "));
    let long = format!("X: {}\r\n", "y".repeat(1_000_000));
    let reply = server.post("/echo", &long, "").await;
    assert!(reply.starts_with("HTTP/1.1 431 "), "{reply}");
}

#[tokio::test]
async fn an_upload_that_nobody_wants_is_read_before_it_is_refused() {
    let server = Server::start("upload");
    let body = "x".repeat(4 * 1024 * 1024);
    let reply = server.post("/build?t=x", &format!("Content-Length: {}\r\n", body.len()), &body).await;
    assert_reply(&reply, "501 Not Implemented", r#"{"message":"`docker build` is not there yet in Lernhafen"}"#);
}

#[tokio::test]
async fn a_connection_is_hijacked_if_the_client_asks() {
    let server = Server::start("hijack");
    let reply =
        server.send(b"POST /v1.51/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n").await;
    assert_reply(&reply, "101 UPGRADED", "history");
    assert!(reply.contains("\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n"), "{reply}");
    assert!(reply.contains("\r\nConnection: Upgrade\r\n"), "{reply}");
    assert!(reply.contains("\r\nUpgrade: tcp\r\n"), "{reply}");
    let old =
        server.send(b"POST /v1.41/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n").await;
    assert!(old.contains("\r\nContent-Type: application/vnd.docker.raw-stream\r\n"), "{old}");
    // A client that takes the head with whatever came beside it must not lose anything.
    let mut client = server.connect().await;
    client.write_all(b"POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n").await.unwrap();
    let mut head = [0; 4096];
    let length = client.read(&mut head).await.unwrap();
    assert!(head[..length].ends_with(b"\r\n\r\n"), "{}", String::from_utf8_lossy(&head[..length]));
    let mut rest = String::new();
    client.read_to_string(&mut rest).await.unwrap();
    assert_eq!(rest, "history");
    let plain = server.post("/attach", "", "").await;
    assert!(plain.starts_with("HTTP/1.1 200 OK\r\n") && plain.contains("history"), "{plain}");
}

#[tokio::test]
async fn no_more_connections_than_there_are_places() {
    let server = Server::start("places");
    let mut held = Vec::new();
    for _ in 0..MAX_CONNECTIONS {
        held.push(server.connect().await);
    }
    let mut late = server.connect().await;
    late.write_all(b"GET /same HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut reply = String::new();
    let waiting = tokio::time::timeout(Duration::from_millis(200), late.read_to_string(&mut reply)).await;
    assert!(waiting.is_err(), "{reply}");
    drop(held);
    late.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 304 "), "{reply}");
}
