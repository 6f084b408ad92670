//! Manifests and blobs are fetched.

use crate::side::{INDEX, MANIFEST, Side, digest, digest_of};

#[tokio::test]
async fn what_was_pushed_is_pulled_by_tag_and_by_digest() {
    let side = Side::new();
    let manifest = side.image("ada/app", "1", "x").await;
    for reference in ["1".to_owned(), digest_of(&manifest)] {
        let path = format!("/v2/ada/app/manifests/{reference}");
        let got = side.get(&path).await;
        assert_eq!((got.status, &got.body[..]), (200, manifest.to_string().as_bytes()));
        assert_eq!(got.header("content-type"), MANIFEST);
        assert_eq!(got.header("docker-content-digest"), digest_of(&manifest));
        let head = side.send(&format!("HEAD {path}"), &[], "").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), got.body.len().to_string());
        assert_eq!(head.header("docker-content-digest"), digest_of(&manifest));
    }
    let layer = digest(b"layer of x");
    let got = side.get(&format!("/v2/ada/app/blobs/{layer}")).await;
    assert_eq!((got.status, &got.body[..], got.header("docker-content-digest")), (200, &b"layer of x"[..], &*layer));
    let head = side.send(&format!("HEAD /v2/ada/app/blobs/{layer}"), &[], "").await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, "10", 0));
    assert_eq!(side.get("/v2/").await.status, 200);
}

#[tokio::test]
async fn a_part_of_a_blob_is_enough() {
    let side = Side::new();
    let blob = side.blob("a", b"0123456789").await;
    let get = async |headers: &[(&str, &str)]| side.send(&format!("GET /v2/a/blobs/{blob}"), headers, "").await;
    let part = get(&[("range", "bytes=4-")]).await;
    assert_eq!((part.status, &part.body[..], part.header("content-range")), (206, &b"456789"[..], "bytes 4-9/10"));
    let none = get(&[("range", "bytes=10-")]).await;
    none.is(416, "SIZE_INVALID");
    assert_eq!(none.header("content-range"), "bytes */10");
    let tag = format!("\"{blob}\"");
    assert_eq!(get(&[("range", "bytes=4-"), ("if-range", &tag)]).await.status, 206);
    assert_eq!(get(&[("range", "bytes=4-"), ("if-range", "\"other\"")]).await.body.len(), 10);
    assert_eq!(get(&[("if-none-match", &tag)]).await.status, 304);
}

#[tokio::test]
async fn large_blobs_come_whole() {
    let side = Side::new();
    let content: Vec<u8> = (0..3_000_000u32).map(|number| (number * 7 / 3) as u8).collect();
    let blob = side.blob("a", &content).await;
    assert!(side.get(&format!("/v2/a/blobs/{blob}")).await.body == content);
    let range = [("range", "bytes=999999-1999999")];
    let part = side.send(&format!("GET /v2/a/blobs/{blob}"), &range, "").await;
    assert!(part.body == content[999_999..2_000_000]);
}

#[tokio::test]
async fn a_client_gets_the_kinds_that_it_accepts() {
    let side = Side::new();
    side.image("a", "1", "x").await;
    let get = async |accept: &str| side.send("GET /v2/a/manifests/1", &[("accept", accept)], "").await;
    assert_eq!(get(MANIFEST).await.status, 200);
    assert_eq!(get(&format!("{INDEX}, {MANIFEST};q=0.5")).await.status, 200);
    assert_eq!(get("*/*").await.status, 200);
    get(INDEX).await.is(404, "MANIFEST_UNKNOWN");
}
