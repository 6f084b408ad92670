//! What says something about a manifest.

use crate::side::{INDEX, MANIFEST, Side, descriptor, digest, digest_of, manifest};
use serde_json::{Value, json};

async fn signature(side: &Side, subject: &Value, kind: &str, number: u32) -> Value {
    side.blob("a", b"{}").await;
    let mut signature = manifest(b"{}", &[]);
    signature["subject"] = descriptor(MANIFEST, subject.to_string().as_bytes());
    signature["artifactType"] = json!(kind);
    signature["annotations"] = json!({ "number": number.to_string() });
    let pushed = side.put("a", &digest_of(&signature), MANIFEST, &signature).await;
    assert_eq!((pushed.status, pushed.header("oci-subject")), (201, &*digest_of(subject)), "{pushed:?}");
    signature
}

#[tokio::test]
async fn they_are_listed_and_filtered() {
    let side = Side::new();
    // Pushed before what it is about, as the specification allows.
    let image = manifest(b"{}", &[]);
    let first = signature(&side, &image, "example/signature", 1).await;
    signature(&side, &image, "example/sbom", 2).await;
    assert_eq!(side.put("a", "1", MANIFEST, &image).await.header("oci-subject"), "");

    let path = format!("/v2/a/referrers/{}", digest_of(&image));
    let all = side.get(&path).await;
    assert_eq!((all.status, all.header("content-type"), all.header("oci-filters-applied")), (200, INDEX, ""));
    let all = all.json();
    assert_eq!((&all["schemaVersion"], &all["mediaType"]), (&json!(2), &json!(INDEX)));
    assert_eq!(all["manifests"].as_array().unwrap().len(), 2);

    let some = side.get(&format!("{path}?artifactType=example%2Fsignature")).await;
    assert_eq!(some.header("oci-filters-applied"), "artifactType");
    let text = first.to_string();
    let expected = json!({
        "mediaType": MANIFEST, "digest": digest_of(&first), "size": text.len(),
        "artifactType": "example/signature", "annotations": { "number": "1" },
    });
    assert_eq!(some.json()["manifests"], json!([expected]));

    side.send(&format!("DELETE /v2/a/manifests/{}", digest_of(&first)), &[], "").await;
    assert_eq!(side.get(&path).await.json()["manifests"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_nobody_refers_to_has_an_empty_list() {
    let side = Side::new();
    for repository in ["a", "nobody"] {
        let none = side.get(&format!("/v2/{repository}/referrers/{}", digest(b"x"))).await;
        assert_eq!((none.status, &none.json()["manifests"]), (200, &json!([])));
    }
    side.get("/v2/a/referrers/x").await.is(400, "DIGEST_INVALID");
}

#[tokio::test]
async fn many_come_in_pages() {
    let side = Side::new();
    let image = manifest(b"{}", &[]);
    for number in 0..120 {
        signature(&side, &image, "a+b", number).await;
    }
    let (mut path, mut count) = (format!("/v2/a/referrers/{}?artifactType=a%2Bb", digest_of(&image)), 0);
    while !path.is_empty() {
        let page = side.get(&path).await;
        count += page.json()["manifests"].as_array().unwrap().len();
        let link = page.header("link");
        path = link.strip_suffix(">; rel=\"next\"").unwrap_or_default().trim_start_matches('<').to_owned();
    }
    assert_eq!(count, 120);
}
