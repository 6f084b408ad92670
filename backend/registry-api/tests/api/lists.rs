//! Repositories and tags, page by page.

use crate::side::{Side, digest_of};
use serde_json::json;

#[tokio::test]
async fn tags_come_in_order_and_in_pages() {
    let side = Side::new();
    let mut image = json!(null);
    for tag in ["b", "a", "B", "10", "9", "_x"] {
        image = side.image("ada/app", tag, "x").await;
    }
    let all = side.get("/v2/ada/app/tags/list").await;
    assert_eq!(all.json(), json!({ "name": "ada/app", "tags": ["10", "9", "B", "_x", "a", "b"] }));
    assert_eq!((all.header("content-type"), all.header("link")), ("application/json", ""));

    let (mut path, mut pages) = ("/v2/ada/app/tags/list?n=4".to_owned(), Vec::new());
    while !path.is_empty() {
        let page = side.get(&path).await;
        pages.push(page.json()["tags"].clone());
        let link = page.header("link");
        path = link.strip_suffix(">; rel=\"next\"").unwrap_or_default().trim_start_matches('<').to_owned();
    }
    assert_eq!(pages, [json!(["10", "9", "B", "_x"]), json!(["a", "b"])]);
    let page = async |query: &str| side.get(&format!("/v2/ada/app/tags/list?{query}")).await;
    assert_eq!(page("n=0").await.json()["tags"], json!([]));
    assert_eq!(page("n=0").await.header("link"), "");
    assert_eq!(page("n=6").await.header("link"), "", "there is nothing after the last");
    assert_eq!(page("n=2&last=9").await.json()["tags"], json!(["B", "_x"]));
    assert_eq!(page("last=zzz").await.json()["tags"], json!([]));
    page("n=-1").await.is(400, "PAGINATION_NUMBER_INVALID");

    side.send(&format!("DELETE /v2/ada/app/manifests/{}", digest_of(&image)), &[], "").await;
    assert_eq!(page("").await.json()["tags"], json!([]));
}

#[tokio::test]
async fn repositories_come_in_pages() {
    let side = Side::new();
    for name in ["c", "ada/app", "b"] {
        side.image(name, "1", "x").await;
    }
    side.blob("unfinished", b"x").await;
    let page = async |path: &str| side.get(path).await;
    assert_eq!(page("/v2/_catalog").await.json(), json!({ "repositories": ["ada/app", "b", "c"] }));
    let first = page("/v2/_catalog?n=1").await;
    assert_eq!(first.json()["repositories"], json!(["ada/app"]));
    assert_eq!(first.header("link"), "</v2/_catalog?n=1&last=ada/app>; rel=\"next\"");
    assert_eq!(page("/v2/_catalog?n=1&last=ada%2Fapp").await.json()["repositories"], json!(["b"]));
}
