#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::{Image, NewImage, Owner, Reference};
use crate::testing::Scratch;
use crate::testing::host;
use archive::testing::Tar;

const NOW: Duration = Duration::ZERO;

fn open(dir: &Path) -> Store {
    Store::open(dir, Database::open(dir).unwrap()).unwrap()
}

fn import(store: &Store, name: &str, content: &str) -> Image {
    let new = NewImage { names: vec![Reference::parse(name).unwrap()], ..NewImage::default() };
    store.import(Tar::new().file("file", content.as_bytes(), |_| {}).bytes().as_slice(), new).unwrap()
}

fn files(dir: &Path) -> usize {
    ["layers", "blobs"].iter().map(|name| std::fs::read_dir(dir.join(name)).unwrap().count()).sum()
}

fn forget(store: &Store, image: &Image) {
    let forgotten = store.db.with(|c| Ok(c.execute("DELETE FROM host_images WHERE image = ?1", [&image.id])?));
    assert_eq!(forgotten.unwrap(), 1);
}

#[test]
fn what_is_referred_to_stays_and_the_rest_goes() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let (kept, other) = (import(&store, "kept", "1"), import(&store, "other", "2"));
    store.collect_garbage(NOW).unwrap();
    assert_eq!(files(dir.path()), 4);
    forget(&store, &other);
    store.collect_garbage(GRACE).unwrap();
    assert_eq!(files(dir.path()), 4, "somebody may be about to refer to it");
    store.collect_garbage(NOW).unwrap();
    assert_eq!(files(dir.path()), 2);
    assert!(store.image_by_id(&Owner::Catalogue, &other.id).is_err());
    assert!(store.keeps_archives(&kept).unwrap());
}

#[test]
fn an_image_that_a_container_was_made_of_stays() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let image = import(&store, "a", "1");
    let container = serde_json::json!({ "image_id": image.id }).to_string();
    store
        .db
        .with(|c| {
            c.execute("INSERT INTO hosts VALUES ('h', 'h', NULL, 65536, 0, 0, 0, 0, '{}')", [])?;
            c.execute("INSERT INTO containers VALUES ('h', '1', 'n', ?1)", [container])?;
            Ok(())
        })
        .unwrap();
    forget(&store, &image);
    store.collect_garbage(NOW).unwrap();
    assert_eq!(files(dir.path()), 2);
    assert!(store.image_by_id(&host("h"), &image.id).is_ok());
    store.db.with(|c| Ok(c.execute("DELETE FROM containers", [])?)).unwrap();
    store.collect_garbage(NOW).unwrap();
    assert_eq!(files(dir.path()), 0);
}

#[test]
fn what_a_kill_leaves_goes_at_the_next_start() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let image = import(&store, "a", "1");
    // Between the rows and the files of a removal …
    std::fs::create_dir(dir.path().join("layers").join("0".repeat(64))).unwrap();
    std::fs::write(dir.path().join("blobs").join("0".repeat(64)), "x").unwrap();
    // … and between the row and the file of what is new.
    let missing = format!("sha256:{}", "1".repeat(64));
    store
        .db
        .with(|c| {
            c.execute("INSERT INTO blobs (digest, size, used) VALUES (?1, 1, 0)", [&missing])?;
            Ok(c.execute("INSERT INTO layers (diff_id, size, tar_size, used) VALUES (?1, 1, 1, 0)", [&missing])?)
        })
        .unwrap();
    let store = open(dir.path());
    assert_eq!(files(dir.path()), 2);
    assert_eq!((store.find_blob(&missing).unwrap(), store.find_layer(&missing).unwrap()), (None, None));
    assert!(store.keeps_archives(&image).unwrap());
}
