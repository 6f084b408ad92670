//! What no honest client sends.

use crate::side::{Side, digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes as they are, and what comes back until the connection ends.
pub(crate) async fn raw(side: &Side, request: &[u8]) -> String {
    let mut stream = side.connect();
    // It may have answered and gone before it has read everything.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_arrived_before_a_connection_broke_stays() {
    let side = Side::new();
    let upload = side.begin("a").await;
    let mut stream = side.connect();
    let head = format!("PATCH {upload} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n01234");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.is_empty() || answer.contains("BLOB_UPLOAD_INVALID"), "{answer}");
    // The server learns of it in its own time.
    let mut status = side.get(&upload).await;
    for _ in 0..500 {
        if status.header("range") == "0-4" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        status = side.get(&upload).await;
    }
    assert_eq!(status.header("range"), "0-4");
    let put = format!("PUT {upload}?digest={}", digest(b"0123456789"));
    assert_eq!(side.send(&put, &[("content-range", "5-9")], "56789").await.status, 201);
}

#[tokio::test]
async fn bodies_that_lie_are_refused() {
    let side = Side::new();
    let upload = side.begin("a").await;
    for (headers, body) in [
        ("transfer-encoding: chunked\r\n", "zz\r\nx\r\n0\r\n\r\n"),
        ("transfer-encoding: chunked\r\n", "fffffffffffffffff\r\nx\r\n"),
        ("content-length: -2\r\n", "x"),
        ("content-length: 2\r\ncontent-length: 7\r\n", "xy"),
        ("content-length: 1\r\ncontent-range: 0-99999999999999999999999\r\n", "x"),
        ("content-length: 1\r\ncontent-range: 0-18446744073709551615\r\n", "x"),
    ] {
        let request = format!("PATCH {upload} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n{body}");
        let answer = raw(&side, request.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(status.starts_with('4'), "{headers}{body}: {answer}");
    }
    assert_eq!(side.get(&upload).await.header("range"), "0-0");
    let huge = format!(
        "PUT /v2/a/manifests/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        u64::MAX / 2
    );
    let mut stream = side.connect();
    stream.write_all(huge.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn names_that_lead_elsewhere_lead_nowhere() {
    let side = Side::new();
    for path in [
        "/v2/../../etc/passwd",
        "/v2/a/blobs/../../../lernhafen.db",
        "/v2/a/blobs/sha256:..%2f..%2flernhafen.db",
        "/v2/a/blobs/uploads/..%2f..%2flernhafen.db",
        "/v2/a/blobs/uploads/..",
        "/v2/%2e%2e/blobs/uploads/x",
        "/v2/a/manifests/..",
        "/v2/a%00/tags/list",
    ] {
        let answer =
            raw(&side, format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 40"), "{path}: {answer}");
    }
}
