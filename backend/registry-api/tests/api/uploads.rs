//! Blobs come: at once, in a stream, in chunks, from another repository.

use crate::side::{Side, digest};
use bytes::Bytes;

const CONTENT: &[u8] = b"0123456789";

#[tokio::test]
async fn a_blob_in_a_stream() {
    let side = Side::new();
    let upload = side.begin("a").await;
    let sent = side.send(&format!("PATCH {upload}"), &[], CONTENT).await;
    assert_eq!((sent.status, sent.header("range"), sent.header("location")), (202, "0-9", &*upload));
    let done = side.send(&format!("PUT {upload}?digest={}", digest(CONTENT)), &[], "").await;
    let blob = format!("/v2/a/blobs/{}", digest(CONTENT));
    assert_eq!((done.status, done.header("location")), (201, &*blob));
    assert_eq!(done.header("docker-content-digest"), digest(CONTENT));
    assert_eq!(side.get(&blob).await.body, CONTENT);
    assert_eq!((side.files("uploads"), side.files("blobs")), (0, 1));
    side.get(&upload).await.is(404, "BLOB_UPLOAD_UNKNOWN");
}

#[tokio::test]
async fn a_blob_with_the_last_request_or_the_first() {
    let side = Side::new();
    let upload = side.begin("a").await;
    let done = side.send(&format!("PUT {upload}?digest={}", digest(CONTENT)), &[], CONTENT).await;
    assert_eq!(done.status, 201);
    assert_eq!(side.blob("b", CONTENT).await, digest(CONTENT));
    side.blob("b", b"").await;
    assert_eq!((side.files("uploads"), side.files("blobs")), (0, 2), "one file for the same bytes");
}

#[tokio::test]
async fn a_blob_in_chunks_that_must_be_in_order() {
    let side = Side::new();
    let upload = side.begin("a").await;
    let patch = async |range: &str, content: &'static [u8]| {
        side.send(&format!("PATCH {upload}"), &[("content-range", range)], content).await
    };
    assert_eq!(patch("0-3", b"0123").await.header("range"), "0-3");
    for range in ["0-3", "8-11", "5-8", "nonsense", "bytes 4-7/10", "7-4", "4", "-1-2", ""] {
        let refused = patch(range, b"4567").await;
        refused.is(416, "BLOB_UPLOAD_INVALID");
        assert_eq!((refused.header("range"), refused.header("location")), ("0-3", &*upload), "{range}");
    }
    let status = side.get(&upload).await;
    assert_eq!((status.status, status.header("range"), status.header("location")), (204, "0-3", &*upload));
    assert_eq!(patch("4-7", b"4567").await.header("range"), "0-7");
    let put = format!("PUT {upload}?digest={}", digest(CONTENT));
    side.send(&put, &[("content-range", "9-9")], "9").await.is(416, "BLOB_UPLOAD_INVALID");
    assert_eq!(side.send(&put, &[("content-range", "8-9")], "89").await.status, 201);
}

#[tokio::test]
async fn what_does_not_fit_its_range_does_not_count() {
    let side = Side::new();
    let upload = side.begin("a").await;
    let range = |range: &'static str| [("content-range", range)];
    side.send(&format!("PATCH {upload}"), &range("0-4"), CONTENT).await.is(400, "SIZE_INVALID");
    // Without a length nobody knows before the end.
    for (range, size) in [("0-4", "too long"), ("0-99", "too short")] {
        let mut raw = format!("PATCH {upload} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-range: {range}\r\n");
        raw.push_str("transfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
        let answer = crate::hostile::raw(&side, raw.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("SIZE_INVALID"), "{size}: {answer}");
        assert_eq!(side.get(&upload).await.header("range"), "0-0", "{size}");
    }
    let put = format!("PUT {upload}?digest={}", digest(CONTENT));
    assert_eq!(side.send(&put, &[], CONTENT).await.status, 201, "it goes on as if nothing had been");
}

#[tokio::test]
async fn an_upload_is_given_up() {
    let side = Side::new();
    let upload = side.begin("a").await;
    side.send(&format!("PATCH {upload}"), &[], CONTENT).await;
    assert_eq!(side.send(&format!("DELETE {upload}"), &[], "").await.status, 204);
    assert_eq!(side.files("uploads"), 0);
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
        let request = format!("{method} {upload}?digest={}", digest(CONTENT));
        side.send(&request, &[], "").await.is_code(method, 404, "BLOB_UPLOAD_UNKNOWN");
    }
}

#[tokio::test]
async fn a_blob_of_another_repository_need_not_be_sent() {
    let side = Side::new();
    let blob = side.blob("ada/app", CONTENT).await;
    side.get(&format!("/v2/ben/app/blobs/{blob}")).await.is(404, "BLOB_UNKNOWN");
    for (repository, from) in [("ben/app", "&from=ada/app"), ("eva/app", "")] {
        let mount = format!("POST /v2/{repository}/blobs/uploads/?mount={blob}{from}");
        let mounted = side.send(&mount, &[], "").await;
        assert_eq!((mounted.status, mounted.header("docker-content-digest")), (201, &*blob), "{repository}");
        assert_eq!(mounted.header("location"), format!("/v2/{repository}/blobs/{blob}"));
        assert_eq!(side.get(&format!("/v2/{repository}/blobs/{blob}")).await.body, CONTENT);
    }
    // What can't be mounted is sent.
    for query in [
        format!("mount={}&from=ada/app", digest(b"x")),
        format!("mount={blob}&from=nobody"),
        "mount=x&from=ada/app".to_owned(),
    ] {
        let begun = side.send(&format!("POST /v2/c/blobs/uploads/?{query}"), &[], "").await;
        assert_eq!((begun.status, begun.header("range")), (202, "0-0"), "{query}");
    }
}

#[tokio::test]
async fn fifty_send_the_same_blob_at_once() {
    let side = std::sync::Arc::new(Side::new());
    let content = Bytes::from(vec![7; 1_000_000]);
    let pushes: Vec<_> = (0..50)
        .map(|number| {
            let (side, content) = (side.clone(), content.clone());
            tokio::spawn(async move {
                let upload = side.begin(&format!("learner{number}/app")).await;
                side.send(&format!("PATCH {upload}"), &[], content.slice(..400_000)).await;
                let put = format!("PUT {upload}?digest={}", digest(&content));
                side.send(&put, &[], content.slice(400_000..)).await.status
            })
        })
        .collect();
    for push in pushes {
        assert_eq!(push.await.unwrap(), 201);
    }
    assert_eq!((side.files("uploads"), side.files("blobs")), (0, 1));
}

#[tokio::test]
async fn one_request_at_a_time_writes_to_an_upload() {
    let side = Side::new();
    let upload = side.begin("a").await;
    let (repository, id) = ("a", upload.rsplit_once('/').unwrap().1);
    let writing = side.repositories.append(repository, id, None).unwrap();
    side.send(&format!("PATCH {upload}"), &[], CONTENT).await.is(409, "BLOB_UPLOAD_INVALID");
    drop(writing);
    assert_eq!(side.send(&format!("PATCH {upload}"), &[], CONTENT).await.status, 202);
}
