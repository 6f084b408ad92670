//! Blobs: checked as they come, and taken up again where they broke off.

use crate::support::{
    Asked, HOST, Say, Server, Town, answer, config, head, image, impatient, manifest, noise, not_found, ok, read,
    repository, repository_with,
};
use registry::{Descriptor, Download, Error, Repository};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A server whose blobs are answered so, and a download from it.
async fn blob(
    content: &[u8],
    script: impl Fn(&Asked) -> Vec<Say> + Send + Sync + 'static,
) -> (Server, Repository, Download) {
    let server = Server::start(move |asked| if asked.path == "/v2/" { Vec::new() } else { script(asked) }).await;
    let repository = repository(&server);
    let download = repository.blob(&Descriptor::of("l", content));
    (server, repository, download)
}

/// The head of an answer with a body of this length.
fn of_length(status: u16, length: usize) -> Vec<u8> {
    head(status, &[("Content-Length", &length.to_string())])
}

/// Honest about what is asked for: the rest from somewhere.
fn rest(content: &[u8], asked: &Asked) -> Vec<Say> {
    let Some(range) = asked.headers.get("range") else { return ok(content) };
    let start: usize = range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap();
    let range = format!("bytes {start}-{}/{}", content.len() - 1, content.len());
    answer(206, &[("Content-Range", &range)], &content[start..])
}

/// The beginning of what was announced to be all of it.
fn broken(status: u16, content: &[u8], part: &[u8], end: Say) -> Vec<Say> {
    vec![Say::Bytes(of_length(status, content.len())), Say::Bytes(part.to_vec()), end]
}

#[tokio::test]
async fn a_blob_comes_whole() {
    let content = noise(1_000_000);
    let script = content.clone();
    let (server, _, download) = blob(&content, move |_| ok(&script)).await;
    assert_eq!(download.received(), 0);
    assert_eq!(read(download).await.unwrap(), content);
    assert_eq!(server.asked().len(), 1);
    assert_eq!(server.asked()[0].headers["accept-encoding"], "identity");
    let (_server, _, download) = blob(b"", |_| ok("")).await;
    assert!(read(download).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_was() {
    let content = noise(300_000);
    let script = content.clone();
    let (server, _, download) = blob(&content, move |asked| match asked.before {
        0 => broken(200, &script, &script[..100_000], Say::HangUp),
        1 => answer(503, &[], ""),
        2 => vec![Say::HangUp],
        3 => {
            let range = format!("bytes 100000-299999/{}", script.len());
            let length = (script.len() - 100_000).to_string();
            let head = head(206, &[("Content-Range", &range), ("Content-Length", &length)]);
            vec![Say::Bytes(head), Say::Bytes(script[100_000..250_000].to_vec()), Say::HangUp]
        }
        _ => rest(&script, asked),
    })
    .await;
    assert_eq!(read(download).await.unwrap(), content);
    let ranges: Vec<_> = server.asked().iter().filter_map(|asked| asked.headers.get("range").cloned()).collect();
    assert_eq!(ranges, ["bytes=100000-", "bytes=100000-", "bytes=100000-", "bytes=250000-"]);
}

#[tokio::test]
async fn a_stalled_download_goes_on_where_it_was() {
    let content = noise(1000);
    let script = content.clone();
    let server = Server::start(move |asked| match asked.before {
        _ if asked.path == "/v2/" => Vec::new(),
        0 => broken(200, &script, &script[..600], Say::Nothing),
        _ => rest(&script, asked),
    })
    .await;
    let repository = repository_with(impatient(), Town::new().with(HOST, &server));
    assert_eq!(read(repository.blob(&Descriptor::of("l", &content))).await.unwrap(), content);
    assert_eq!(server.asked()[1].headers["range"], "bytes=600-");
}

#[tokio::test]
async fn servers_without_ranges_are_read_again_from_the_beginning() {
    let content = noise(100_000);
    for refuses in [false, true] {
        let script = content.clone();
        let (server, _, download) = blob(&content, move |asked| match asked.before {
            0 => broken(200, &script, &script[..70_000], Say::HangUp),
            _ if refuses && asked.headers.contains_key("range") => answer(416, &[], ""),
            _ => ok(&script),
        })
        .await;
        assert_eq!(read(download).await.unwrap(), content);
        assert_eq!(server.asked().len(), if refuses { 3 } else { 2 });
    }
}

#[tokio::test]
async fn content_that_changes_in_between_is_found_out() {
    let content = noise(100_000);
    let script = content.clone();
    let (_server, _, download) = blob(&content, move |asked| match asked.before {
        0 => broken(200, &script, &script[..70_000], Say::HangUp),
        _ => ok(vec![b'x'; 100_000]),
    })
    .await;
    assert!(matches!(read(download).await, Err(Error::Lied(_))));
}

#[tokio::test]
async fn wrong_ranges_are_refused() {
    let content = noise(1000);
    for range in ["bytes 0-999/1000", "bytes 600-998/1000", "bytes 600-999/1001", "bytes 601-999/1000", "", "x"] {
        let script = content.clone();
        let (_server, _, download) = blob(&content, move |asked| match asked.before {
            0 => broken(200, &script, &script[..600], Say::HangUp),
            _ => answer(206, &[("Content-Range", range)], &script[600..]),
        })
        .await;
        assert!(matches!(read(download).await, Err(Error::Lied(_))), "{range}");
    }
    // What was not asked for in part must not come in part.
    let (_server, _, download) = blob(&content, |_| answer(206, &[("Content-Range", "bytes 0-999/1000")], "")).await;
    assert!(read(download).await.is_err());
}

#[tokio::test]
async fn lies_about_size_and_content_are_found_out() {
    let content = noise(1000);
    let lies = [
        ok(&content[..999]),
        ok([&content[..], b"x"].concat()),
        ok(vec![b'x'; 1000]),
        vec![
            Say::Bytes(head(200, &[("Transfer-Encoding", "chunked")])),
            Say::Endlessly([b"3e8\r\n", &content[..], b"\r\n"].concat()),
        ],
        // Too much of it in one piece.
        vec![
            Say::Bytes(head(200, &[("Transfer-Encoding", "chunked")])),
            Say::Bytes([b"7d0\r\n", &content[..], &content[..], b"\r\n0\r\n\r\n"].concat()),
        ],
        vec![
            Say::Bytes(head(200, &[("Transfer-Encoding", "chunked")])),
            Say::Bytes([b"64\r\n", &content[..100], b"\r\n0\r\n\r\n"].concat()),
        ],
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let (_server, _, download) = blob(&content, move |_| lie.clone()).await;
        let error = read(download).await.unwrap_err();
        assert!(matches!(error, Error::Lied(_)), "{number}: {error}");
    }
}

#[tokio::test]
async fn bytes_that_end_with_the_connection_count() {
    let content = noise(1000);
    let script = content.clone();
    // As HTTP 1.0 has it: without a length.
    let (_server, _, download) =
        blob(&content, move |_| vec![Say::Bytes(head(200, &[])), Say::Bytes(script.clone()), Say::HangUp]).await;
    assert_eq!(read(download).await.unwrap(), content);
}

#[tokio::test]
async fn a_download_that_gets_nowhere_is_given_up() {
    let content = noise(1000);
    let script = content.clone();
    let (server, _, mut download) = blob(&content, move |asked| match asked.before {
        0 => broken(200, &script, &script[..600], Say::HangUp),
        _ => vec![Say::HangUp],
    })
    .await;
    let error = loop {
        match download.chunk().await {
            Ok(chunk) => assert!(chunk.is_some()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::Broken(_)), "{error}");
    assert_eq!(download.received(), 600);
    // One that brought something, and four that did not.
    assert_eq!(server.asked().len(), 5);
    // It does not seem to be complete afterwards.
    assert!(matches!(download.chunk().await, Err(Error::Broken(_))));
}

#[tokio::test]
async fn what_is_there_from_another_time_is_not_fetched_again() {
    let content = noise(1000);
    let script = content.clone();
    let (server, repository, _) = blob(&content, move |asked| rest(&script, asked)).await;
    let descriptor = Descriptor::of("l", &content);
    let resume = |bytes: &[u8]| {
        let hasher = Sha256::new_with_prefix(bytes);
        repository.resume_blob(&descriptor, bytes.len() as u64, hasher)
    };
    assert_eq!(read(resume(&content[..400]).unwrap()).await.unwrap(), &content[400..]);
    assert_eq!(server.asked()[0].headers["range"], "bytes=400-");
    assert!(read(resume(&content).unwrap()).await.unwrap().is_empty());
    assert_eq!(server.asked().len(), 1);
    assert!(matches!(read(resume(&[b'x'; 400]).unwrap()).await, Err(Error::Lied(_))));
    assert!(matches!(read(resume(&[b'x'; 1000]).unwrap()).await, Err(Error::Lied(_))));
    assert!(matches!(resume(&[0; 1001]), Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_missing_blob_is_named() {
    let (server, _, download) = blob(b"a", |_| not_found()).await;
    let error = read(download).await.unwrap_err();
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    assert_eq!(server.asked().len(), 1);
    let (_server, _, download) = blob(b"a", |_| answer(200, &[("Content-Type", "text/html")], "<html>")).await;
    assert!(matches!(read(download).await, Err(Error::NotARegistry(_))));
}

#[tokio::test]
async fn waiting_can_be_given_up_and_taken_up() {
    let content = noise(500_000);
    let script = content.clone();
    let (_server, _, mut download) = blob(&content, move |_| ok(&script)).await;
    let mut all = Vec::new();
    // Given up at the first point where it waits, again and again.
    loop {
        let once = futures_util::future::poll_immediate(download.chunk()).await;
        match once {
            Some(Ok(Some(chunk))) => all.extend_from_slice(&chunk),
            Some(Ok(None)) => break,
            Some(Err(error)) => panic!("{error}"),
            // A connection that is being made begins anew each time: let it.
            None if all.is_empty() => all.extend_from_slice(&download.chunk().await.unwrap().unwrap()),
            None => tokio::task::yield_now().await,
        }
    }
    assert_eq!(all, content);
}

#[tokio::test]
async fn a_dropped_download_hangs_up() {
    let content = noise(1000);
    let script = content.clone();
    let (server, repository, mut download) =
        blob(&content, move |_| broken(200, &script, &script[..10], Say::Nothing)).await;
    assert!(download.chunk().await.unwrap().is_some());
    drop(download);
    server.wait_until_left().await;
    // So does one that is dropped before anything came.
    let mut download = repository.blob(&Descriptor::of("l", b"other"));
    drop(tokio::time::timeout(Duration::from_millis(50), download.chunk()).await);
    drop(download);
    server.wait_until_left().await;
    drop(repository);
}

#[tokio::test]
async fn one_connection_serves_for_one_thing_after_the_other() {
    let (layers, bytes) = ([noise(100_000), noise(50_000), b"{}".to_vec()], image(b""));
    let blobs = layers.clone();
    let server = Server::start(move |asked| match asked.path.rsplit_once('/').unwrap() {
        ("/v2", _) => Vec::new(),
        ("/v2/team/app/manifests", _) => manifest(&bytes),
        (_, digest) => ok(blobs.iter().find(|blob| registry::Digest::of(blob).as_str() == digest).unwrap()),
    })
    .await;
    let repository = repository_with(config(), Town::new().with(HOST, &server));
    repository.manifest("1").await.unwrap();
    for layer in &layers {
        assert_eq!(read(repository.blob(&Descriptor::of("l", layer))).await.unwrap(), *layer);
    }
    assert_eq!(server.connections(), 1);
    // Side by side they need more, and leave none behind.
    let downloads = layers.iter().map(|layer| read(repository.blob(&Descriptor::of("l", layer))));
    for (got, layer) in futures_util::future::join_all(downloads).await.into_iter().zip(&layers) {
        assert_eq!(got.unwrap(), *layer);
    }
    assert_eq!(server.connections(), 3);
    drop(repository);
    server.wait_until_left().await;
}

#[tokio::test]
async fn a_connection_that_the_server_closed_in_between_is_replaced() {
    let bytes = image(b"");
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/v2/" => [ok("{}"), vec![Say::HangUp]].concat(),
        _ => [manifest(&bytes), vec![Say::HangUp]].concat(),
    })
    .await;
    let repository = repository(&server);
    for _ in 0..5 {
        repository.manifest("1").await.unwrap();
    }
    assert_eq!(server.asked().len(), 5);
}
