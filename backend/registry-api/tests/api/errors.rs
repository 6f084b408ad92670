//! One test for each of the specification's error codes. UNAUTHORIZED and the learners' DENIED are in `gates.rs`.

use crate::side::{CONFIG, INDEX, MANIFEST, Side, descriptor, digest, digest_of, manifest};
use engine::repository::RegistryLimits;
use registry_api::Gate;
use serde_json::json;

impl crate::side::Answer {
    #[track_caller]
    pub(crate) fn is_code(&self, what: &str, status: u16, code: &str) {
        assert_eq!((self.status, self.json()["errors"][0]["code"].as_str()), (status, Some(code)), "{what}");
    }
}

#[tokio::test]
async fn blob_unknown() {
    let side = Side::new();
    let unknown = side.get(&format!("/v2/a/blobs/{}", digest(b"x"))).await;
    unknown.is(404, "BLOB_UNKNOWN");
    assert_eq!(unknown.json()["errors"][0]["detail"], json!({ "digest": digest(b"x") }));
    let head = side.send(&format!("HEAD /v2/a/blobs/{}", digest(b"x")), &[], "").await;
    assert_eq!((head.status, head.body.len()), (404, 0));
}

#[tokio::test]
async fn blob_upload_invalid() {
    let side = Side::new();
    let upload = side.begin("a").await;
    side.send(&format!("PATCH {upload}"), &[("content-range", "1-1")], "x").await.is(416, "BLOB_UPLOAD_INVALID");
}

#[tokio::test]
async fn blob_upload_unknown() {
    let side = Side::new();
    let upload = side.begin("a").await;
    for other in [upload.replace("/a/", "/b/"), format!("{upload}0"), "/v2/a/blobs/uploads/..%2Fx".to_owned()] {
        side.get(&other).await.is(404, "BLOB_UPLOAD_UNKNOWN");
    }
}

#[tokio::test]
async fn digest_invalid() {
    let side = Side::new();
    let upload = side.begin("a").await;
    side.send(&format!("PUT {upload}"), &[], "").await.is(400, "DIGEST_INVALID");
    let sha512 = format!("sha512:{}", "0".repeat(128));
    let upper = digest(b"x").to_uppercase();
    for malformed in ["x", "sha256:", "sha256:..%2F..", &sha512, &upper] {
        side.send(&format!("PUT {upload}?digest={malformed}"), &[], "").await.is(400, "DIGEST_INVALID");
        side.get(&format!("/v2/a/blobs/{malformed}")).await.is_code(malformed, 400, "DIGEST_INVALID");
    }
    let lie = side.send(&format!("PUT {upload}?digest={}", digest(b"x")), &[], "y").await;
    lie.is(400, "DIGEST_INVALID");
    assert_eq!(lie.json()["errors"][0]["detail"], json!({ "digest": digest(b"x"), "actual": digest(b"y") }));
    side.get(&upload).await.is(404, "BLOB_UPLOAD_UNKNOWN");
    let at_once = side.send(&format!("POST /v2/a/blobs/uploads/?digest={}", digest(b"x")), &[], "y").await;
    at_once.is(400, "DIGEST_INVALID");
    assert_eq!((side.files("uploads"), side.files("blobs")), (0, 0));
    let mut wrong = manifest(b"{}", &[]);
    wrong["config"]["digest"] = json!("sha256:1");
    side.put("a", "1", MANIFEST, &wrong).await.is(400, "DIGEST_INVALID");
}

#[tokio::test]
async fn manifest_blob_unknown() {
    let side = Side::new();
    side.blob("a", b"{}").await;
    let refused = side.put("a", "1", MANIFEST, &manifest(b"{}", &[b"x", b"y"])).await;
    refused.is(404, "MANIFEST_BLOB_UNKNOWN");
    let missing: Vec<_> = refused.json()["errors"].as_array().unwrap().iter().map(|e| e["detail"].clone()).collect();
    assert_eq!(missing, [json!({ "digest": digest(b"x") }), json!({ "digest": digest(b"y") })]);
    // What another repository has is not this one's.
    side.blob("b", b"x").await;
    side.put("a", "1", MANIFEST, &manifest(b"{}", &[b"x"])).await.is(404, "MANIFEST_BLOB_UNKNOWN");
    side.get("/v2/a/manifests/1").await.is(404, "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn manifest_invalid() {
    let side = Side::new();
    side.blob("a", b"{}").await;
    let config = descriptor(CONFIG, b"{}");
    for (kind, wrong) in [
        (MANIFEST, json!(null)),
        (MANIFEST, json!([])),
        (MANIFEST, json!({})),
        (MANIFEST, json!({ "schemaVersion": 1, "fsLayers": [] })),
        (MANIFEST, json!({ "schemaVersion": 2, "layers": [] })),
        (MANIFEST, json!({ "schemaVersion": 2, "config": config, "layers": "x" })),
        (MANIFEST, json!({ "schemaVersion": 2, "config": { "digest": digest(b"{}"), "size": -1 } })),
        (MANIFEST, json!({ "schemaVersion": 2, "config": config, "manifests": [] })),
        (INDEX, json!({ "schemaVersion": 2, "config": config, "manifests": [] })),
        (INDEX, json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config })),
        (INDEX, json!({ "schemaVersion": 2 })),
        ("application/json", json!({ "schemaVersion": 2, "config": config })),
        ("application/vnd.docker.distribution.manifest.v1+prettyjws", json!({ "schemaVersion": 2, "config": config })),
    ] {
        side.put("a", "1", kind, &wrong).await.is_code(&wrong.to_string(), 400, "MANIFEST_INVALID");
    }
    side.send("PUT /v2/a/manifests/1", &[("content-type", MANIFEST)], "{").await.is(400, "MANIFEST_INVALID");
    side.send("PUT /v2/a/manifests/1", &[], "{\"schemaVersion\":2}").await.is(400, "MANIFEST_INVALID");
    let twice = "{\"schemaVersion\":2,\"schemaVersion\":2}";
    side.send("PUT /v2/a/manifests/1", &[("content-type", MANIFEST)], twice).await.is(400, "MANIFEST_INVALID");
    let large = format!("{{\"schemaVersion\":2{}}}", " ".repeat(4 << 20));
    side.send("PUT /v2/a/manifests/1", &[("content-type", MANIFEST)], large).await.is(413, "MANIFEST_INVALID");
    assert_eq!(side.get("/v2/_catalog").await.json(), json!({ "repositories": [] }));
}

#[tokio::test]
async fn manifest_unknown() {
    let side = Side::new();
    side.image("a", "1", "x").await;
    for reference in ["2", ".no-tag", &digest(b"x")] {
        side.get(&format!("/v2/a/manifests/{reference}")).await.is_code(reference, 404, "MANIFEST_UNKNOWN");
    }
    side.send(&format!("DELETE /v2/a/manifests/{}", digest(b"x")), &[], "").await.is(404, "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn name_invalid() {
    let side = Side::new();
    let long = "a".repeat(260);
    for name in ["A", "a/../b", "..", "a//b", "/a", "-a", "a_", "a%2Fb", "a%00", "%C3%A4", "a:1", "a@b", &long] {
        let begun = side.send(&format!("POST /v2/{name}/blobs/uploads/"), &[], "").await;
        begun.is_code(name, 400, "NAME_INVALID");
        for path in ["tags/list", "manifests/1", "blobs/uploads/1"] {
            side.get(&format!("/v2/{name}/{path}")).await.is_code(name, 400, "NAME_INVALID");
        }
        side.put(name, "1", MANIFEST, &manifest(b"{}", &[])).await.is_code(name, 400, "NAME_INVALID");
    }
}

#[tokio::test]
async fn name_unknown() {
    let side = Side::new();
    side.get("/v2/a/tags/list").await.is(404, "NAME_UNKNOWN");
    side.get("/v2/a/manifests/1").await.is(404, "NAME_UNKNOWN");
    side.send("DELETE /v2/a/manifests/1", &[], "").await.is(404, "NAME_UNKNOWN");
}

#[tokio::test]
async fn size_invalid() {
    let side = Side::new();
    let upload = side.begin("a").await;
    side.send(&format!("PATCH {upload}"), &[("content-range", "0-9")], "x").await.is(400, "SIZE_INVALID");
    side.blob("a", b"{}").await;
    let mut lie = manifest(b"{}", &[]);
    lie["config"]["size"] = json!(3);
    side.put("a", "1", MANIFEST, &lie).await.is(400, "SIZE_INVALID");
}

#[tokio::test]
async fn tag_invalid() {
    let side = Side::new();
    side.blob("a", b"{}").await;
    let long = "x".repeat(129);
    for tag in ["-x", ".x", "a b", "%C3%A4", "a%2Fb", &long] {
        let tag = tag.replace(' ', "%20");
        side.put("a", &tag, MANIFEST, &manifest(b"{}", &[])).await.is_code(&tag, 400, "TAG_INVALID");
    }
    assert_eq!(side.put("a", &long[1..], MANIFEST, &manifest(b"{}", &[])).await.status, 201);
}

#[tokio::test]
async fn denied_when_the_registry_is_full() {
    let limits = RegistryLimits { bytes: 1000, repositories: 2, blobs: 100, tags: 3, uploads: 10 };
    let side = Side::with(limits, Gate::Open);
    let blob = side.blob("a", &[1; 600]).await;
    let mount = format!("POST /v2/b/blobs/uploads/?mount={blob}&from=a");
    assert_eq!(side.send(&mount, &[], "").await.status, 201, "what two have counts once");
    let upload = side.begin("a").await;
    side.send(&format!("PATCH {upload}"), &[], vec![2; 401]).await.is(403, "DENIED");
    assert_eq!(side.send(&format!("PATCH {upload}"), &[], vec![2; 300]).await.status, 202);
    let other = side.begin("a").await;
    side.send(&format!("PATCH {other}"), &[], vec![3; 200]).await.is(403, "DENIED");
    assert_eq!(side.send(&format!("DELETE {upload}"), &[], "").await.status, 204);
    assert_eq!(side.send(&format!("PATCH {other}"), &[], vec![3; 200]).await.status, 202);
    side.send("POST /v2/c/blobs/uploads/", &[], "").await.is(403, "DENIED");
    side.blob("a", b"{}").await;
    let image = manifest(b"{}", &[]);
    for tag in ["1", "2", "3", "3"] {
        assert_eq!(side.put("a", tag, MANIFEST, &image).await.status, 201);
    }
    side.put("a", "4", MANIFEST, &image).await.is(403, "DENIED");
    assert_eq!(side.get(&format!("/v2/a/manifests/{}", digest_of(&image))).await.status, 200);
}

#[tokio::test]
async fn unsupported() {
    let side = Side::new();
    for (request, allow) in [
        ("POST /v2/", "GET, HEAD"),
        ("PUT /v2/a/blobs/x", "GET, HEAD, DELETE"),
        ("PATCH /v2/a/manifests/x", "GET, HEAD, PUT, DELETE"),
        ("GET /v2/a/blobs/uploads/", "POST"),
        ("BREW /v2/a/tags/list", "GET, HEAD"),
    ] {
        let refused = side.send(request, &[], "").await;
        refused.is(405, "UNSUPPORTED");
        assert_eq!(refused.header("allow"), allow);
    }
    for path in ["/", "/v1/_ping", "/v2/a", "/v2/a/b/c"] {
        side.get(path).await.is(404, "UNSUPPORTED");
    }
    side.get("/v2/a/tags/list?n=1&n=2").await.is(400, "UNSUPPORTED");
}

#[tokio::test]
async fn too_many_requests() {
    let limits = RegistryLimits { uploads: 3, ..RegistryLimits::with_bytes(1000) };
    let side = Side::with(limits, Gate::Open);
    let upload = side.begin("a").await;
    side.begin("a").await;
    side.begin("b").await;
    side.send("POST /v2/a/blobs/uploads/", &[], "").await.is(429, "TOOMANYREQUESTS");
    side.send(&format!("DELETE {upload}"), &[], "").await;
    side.begin("a").await;
}
