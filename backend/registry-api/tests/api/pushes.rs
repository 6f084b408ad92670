//! Manifests come and go.

use crate::side::{INDEX, MANIFEST, Side, descriptor, digest, digest_of, manifest};
use serde_json::json;

#[tokio::test]
async fn an_index_needs_its_manifests_and_keeps_them() {
    let side = Side::new();
    let image = side.image("a", "1", "x").await;
    let text = image.to_string();
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor(MANIFEST, text.as_bytes())] });
    side.put("b", "all", INDEX, &index).await.is(404, "MANIFEST_BLOB_UNKNOWN");
    let pushed = side.put("a", "all", INDEX, &index).await;
    assert_eq!((pushed.status, pushed.header("docker-content-digest")), (201, &*digest_of(&index)));
    assert_eq!(side.get("/v2/a/manifests/all").await.header("content-type"), INDEX);

    let part = format!("DELETE /v2/a/manifests/{}", digest_of(&image));
    side.send(&part, &[], "").await.is(409, "DENIED");
    let whole = format!("DELETE /v2/a/manifests/{}", digest_of(&index));
    assert_eq!(side.send(&whole, &[], "").await.status, 202);
    assert_eq!(side.send(&part, &[], "").await.status, 202);
    side.get("/v2/a/manifests/1").await.is(404, "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn a_tag_moves_and_goes_alone() {
    let side = Side::new();
    let old = side.image("a", "1", "old").await;
    let new = side.image("a", "1", "new").await;
    assert_eq!(side.get("/v2/a/manifests/1").await.header("docker-content-digest"), digest_of(&new));
    assert_eq!(side.get(&format!("/v2/a/manifests/{}", digest_of(&old))).await.status, 200);
    assert_eq!(side.send("DELETE /v2/a/manifests/1", &[], "").await.status, 202);
    side.get("/v2/a/manifests/1").await.is(404, "MANIFEST_UNKNOWN");
    side.send("DELETE /v2/a/manifests/1", &[], "").await.is(404, "MANIFEST_UNKNOWN");
    assert_eq!(side.get(&format!("/v2/a/manifests/{}", digest_of(&new))).await.status, 200);
}

#[tokio::test]
async fn a_manifest_may_come_by_its_digest_only() {
    let side = Side::new();
    side.image("a", "1", "x").await;
    let other = manifest(b"{\"is\":\"x\"}", &[]);
    assert_eq!(side.put("a", &digest_of(&other), MANIFEST, &other).await.status, 201);
    side.put("a", &digest(b"other"), MANIFEST, &other).await.is(400, "DIGEST_INVALID");
    assert_eq!(side.get("/v2/a/tags/list").await.json()["tags"], json!(["1"]));
}

#[tokio::test]
async fn a_blob_that_an_image_needs_stays() {
    let side = Side::new();
    let image = side.image("a", "1", "x").await;
    let blob = format!("/v2/a/blobs/{}", digest(b"layer of x"));
    side.send(&format!("DELETE {blob}"), &[], "").await.is(409, "DENIED");
    side.send(&format!("DELETE /v2/a/manifests/{}", digest_of(&image)), &[], "").await;
    assert_eq!(side.send(&format!("DELETE {blob}"), &[], "").await.status, 202);
    side.get(&blob).await.is(404, "BLOB_UNKNOWN");
    side.send(&format!("DELETE {blob}"), &[], "").await.is(404, "BLOB_UNKNOWN");
}

#[tokio::test]
async fn layers_that_may_not_be_given_on_are_elsewhere() {
    let side = Side::new();
    side.blob("a", b"{}").await;
    let mut windows = manifest(b"{}", &[]);
    let kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let mut layer = descriptor(kind, b"not here");
    windows["layers"] = json!([layer]);
    side.put("a", "1", MANIFEST, &windows).await.is(404, "MANIFEST_BLOB_UNKNOWN");
    layer["urls"] = json!(["https://example.org/layer"]);
    windows["layers"] = json!([layer]);
    assert_eq!(side.put("a", "1", MANIFEST, &windows).await.status, 201);
}

#[tokio::test]
async fn dockers_own_kinds_are_kept_as_they_are() {
    let side = Side::new();
    side.blob("a", b"{}").await;
    let kind = "application/vnd.docker.distribution.manifest.v2+json";
    let mut docker = manifest(b"{}", &[]);
    docker["mediaType"] = json!(kind);
    assert_eq!(side.put("a", "1", kind, &docker).await.status, 201);
    assert_eq!(side.get("/v2/a/manifests/1").await.header("content-type"), kind);
}
