#![allow(clippy::unwrap_used, reason = "a test may")]
//! What stays over a restart, and what goes. How requests are answered is tested where they come from: in `registry-api`.

use super::*;
use crate::db::Database;
use crate::store::digest::sha256;
use crate::testing::Scratch;
use std::path::Path;
use std::time::Duration;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn open(dir: &Path) -> (Store, Repositories) {
    let store = Store::open(dir, Database::open(dir).unwrap()).unwrap();
    let repositories = Repositories::open(&store, "hub.hafen", RegistryLimits::with_bytes(1 << 30)).unwrap();
    (store, repositories)
}

fn push(repositories: &Repositories, repository: &str, content: &[u8]) -> String {
    let id = repositories.begin_upload(repository).unwrap();
    let mut upload = repositories.append(repository, &id, Some(0)).unwrap();
    upload.write(content).unwrap();
    upload.finish(&sha256(content)).unwrap().digest
}

/// An image of one blob. Its digest.
fn image(repositories: &Repositories, repository: &str, content: &[u8]) -> String {
    let (digest, size) = (push(repositories, repository, content), content.len());
    let config = serde_json::json!({ "mediaType": "x", "digest": digest, "size": size });
    let manifest = serde_json::json!({ "schemaVersion": 2, "config": config, "layers": [] }).to_string();
    repositories.put_manifest(repository, "1", Some(MANIFEST), manifest.as_bytes()).unwrap().digest
}

fn files(dir: &Path, name: &str) -> usize {
    std::fs::read_dir(dir.join(name)).unwrap().count()
}

#[test]
fn an_upload_goes_on_after_a_restart() {
    let dir = Scratch::new();
    let (_, repositories) = open(dir.path());
    let id = repositories.begin_upload("a").unwrap();
    repositories.append("a", &id, None).unwrap().write(b"01234").unwrap();
    let (_, repositories) = open(dir.path());
    assert_eq!(repositories.upload_size("a", &id).unwrap(), 5);
    assert!(matches!(repositories.append("a", &id, Some(4)), Err(Fault::OutOfOrder { size: 5 })));
    let mut upload = repositories.append("a", &id, Some(5)).unwrap();
    upload.write(b"56789").unwrap();
    assert_eq!(upload.finish(&sha256(b"0123456789")).unwrap().size, 10);
    assert_eq!((files(dir.path(), "uploads"), files(dir.path(), "blobs")), (0, 1));
}

#[test]
fn a_kill_at_any_moment_of_an_upload_leaves_nothing_for_good() {
    let dir = Scratch::new();
    let (store, repositories) = open(dir.path());
    // After the row, before the file …
    let begun = repositories.begin_upload("a").unwrap();
    std::fs::remove_file(repositories.upload_path(&begun)).unwrap();
    assert!(matches!(repositories.append("a", &begun, None), Err(Fault::UploadUnknown(_))));
    // … after the row of one that was given up, before its file …
    std::fs::write(dir.path().join("uploads").join("0".repeat(64)), "x").unwrap();
    // … and when it is a blob already, but nobody's.
    let id = repositories.begin_upload("a").unwrap();
    let mut upload = repositories.append("a", &id, None).unwrap();
    upload.write(b"x").unwrap();
    let blob = crate::store::Blob { digest: sha256(b"x"), size: 1 };
    store.keep_file(&blob, &repositories.upload_path(&id)).unwrap();
    drop(upload);
    assert!(matches!(repositories.append("a", &id, None), Err(Fault::UploadUnknown(_))));
    assert!(matches!(repositories.blob("a", &blob.digest), Err(Fault::BlobUnknown(_))));
    let (store, repositories) = open(dir.path());
    assert_eq!(files(dir.path(), "uploads"), 0);
    push(&repositories, "a", b"x");
    store.collect_garbage(Duration::ZERO).unwrap();
    assert_eq!(files(dir.path(), "blobs"), 0, "no manifest came");
}

#[test]
fn what_manifests_refer_to_stays_and_the_rest_goes_after_a_while() {
    let dir = Scratch::new();
    let (store, repositories) = open(dir.path());
    let kept = image(&repositories, "a", b"kept");
    let deleted = image(&repositories, "b", b"deleted");
    push(&repositories, "c", b"without a manifest");
    let id = repositories.begin_upload("c").unwrap();
    repositories.append("c", &id, None).unwrap().write(b"unfinished").unwrap();
    repositories.delete_manifest("b", &deleted).unwrap();
    store.collect_garbage(crate::store::GRACE).unwrap();
    assert_eq!((files(dir.path(), "uploads"), files(dir.path(), "blobs")), (1, 3), "clients may be about to go on");
    assert!(matches!(repositories.blob("b", &sha256(b"deleted")), Err(Fault::BlobUnknown(_))), "it was not wanted");
    store.collect_garbage(Duration::ZERO).unwrap();
    assert_eq!((files(dir.path(), "uploads"), files(dir.path(), "blobs")), (0, 1));
    assert!(repositories.manifest("a", &kept).is_ok());
    assert_eq!(repositories.blob("a", &sha256(b"kept")).unwrap().size, 4);
    assert!(matches!(repositories.tags("b", 9, ""), Err(Fault::NameUnknown(_))));
    assert!(matches!(repositories.upload_size("c", &id), Err(Fault::UploadUnknown(_))));
}

#[test]
fn a_layer_of_an_image_and_a_pushed_blob_are_one_file() {
    let dir = Scratch::new();
    let (store, repositories) = open(dir.path());
    let layer = push(&repositories, "a", b"the same");
    let mut own = store.new_blob().unwrap();
    std::io::Write::write_all(&mut own, b"the same").unwrap();
    assert_eq!(store.keep_blob(own, None).unwrap().digest, layer);
    assert_eq!(files(dir.path(), "blobs"), 1);
    repositories.delete_blob("a", &layer).unwrap();
    assert!(store.find_blob(&layer).unwrap().is_some());
}

#[test]
fn registries_of_other_names_have_nothing_in_common() {
    let dir = Scratch::new();
    let (store, one) = open(dir.path());
    let other = Repositories::open(&store, "localhost:5000", RegistryLimits::with_bytes(1 << 20)).unwrap();
    let digest = push(&one, "a", b"x");
    assert!(matches!(other.blob("a", &digest), Err(Fault::BlobUnknown(_))));
    assert!(!other.mount("b", &digest, None).unwrap() && one.mount("b", &digest, None).unwrap());
    assert!(other.repositories(9, "").unwrap().is_empty());
    for wrong in ["hub", "", "docker.io", "a.b/c", "a b.c"] {
        assert!(Repositories::open(&store, wrong, RegistryLimits::with_bytes(1)).is_err(), "{wrong}");
    }
}

#[test]
fn uploads_that_nobody_goes_on_with_make_room() {
    let dir = Scratch::new();
    let (store, repositories) = open(dir.path());
    let limits = RegistryLimits { uploads: 2, ..RegistryLimits::with_bytes(1000) };
    let repositories = Repositories { limits, ..repositories };
    let [old, young] = [(); 2].map(|()| repositories.begin_upload("a").unwrap());
    assert!(matches!(repositories.begin_upload("a"), Err(Fault::TooMany(_))));
    store.db.with(|c| Ok(c.execute("UPDATE uploads SET used = 1 WHERE id = ?1", [&old])?)).unwrap();
    repositories.begin_upload("a").unwrap();
    assert!(repositories.upload_size("a", &old).is_err());
    assert!(repositories.upload_size("a", &young).is_ok());
}
