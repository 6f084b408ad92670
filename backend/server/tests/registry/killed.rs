//! The server is killed in the middle.

use crate::common::eventually;
use crate::layout::digest;
use crate::side::{Side, header};
use std::io::Write;

#[test]
fn an_upload_goes_on_where_it_was_when_the_server_was_killed() {
    let mut side = Side::start();
    let content: Vec<u8> = (0..8_000_000u32).map(|number| (number % 251) as u8).collect();
    let (begun, _) = side.http("POST /v2/ada/app/blobs/uploads/", "", b"");
    let upload = header(&begun, "location").to_owned();
    let mut stream = side.connect();
    let head = format!("PATCH {upload} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", content.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&content[..5_000_000]).unwrap();
    let so_far = |side: &Side| {
        let (status, _) = side.http(&format!("GET {upload}"), "", b"");
        assert!(status.starts_with("HTTP/1.1 204 "), "{status}");
        header(&status, "range").split_once('-').unwrap().1.parse::<usize>().unwrap()
    };
    eventually("some of it has arrived", || so_far(&side) > 1_000_000);
    side.kill_and_start_again();
    let first = so_far(&side) + 1;
    assert!((1_000_000..=5_000_000).contains(&first), "{first}");

    let last = content.len() - 1;
    let put = format!("PUT {upload}?digest={}", digest(&content));
    let (wrong, _) = side.http(&put, "content-range: 0-99\r\n", &content[..100]);
    assert!(wrong.starts_with("HTTP/1.1 416 "), "{wrong}");
    let (done, _) = side.http(&put, &format!("content-range: {first}-{last}\r\n"), &content[first..]);
    assert!(done.starts_with("HTTP/1.1 201 "), "{done}");
    side.kill_and_start_again();
    let (_, got) = side.http(&format!("GET /v2/ada/app/blobs/{}", digest(&content)), "", b"");
    assert!(got == content);
    assert_eq!(std::fs::read_dir(side.engine.dir.join("data/uploads")).unwrap().count(), 0);
}
