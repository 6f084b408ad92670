#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::{Image, NewImage, Owner, Reference};
use crate::testing::Scratch;
use archive::testing::Tar;
use std::fs;
use std::path::Path;

fn open(dir: &Path) -> Store {
    Store::open(dir, Database::open(dir).unwrap()).unwrap()
}

fn import(store: &Store, name: &str) -> Image {
    let new = NewImage { names: vec![Reference::parse(name).unwrap()], ..NewImage::default() };
    store.import(Tar::new().file("file", name.as_bytes(), |_| {}).bytes().as_slice(), new).unwrap()
}

/// What would be so if the machine had crashed just after all was written.
fn crash(store: &Store) {
    let marks = "UPDATE layers SET unsynced = 'another 1'; UPDATE blobs SET unsynced = 'another 1'";
    store.db.with(|connection| Ok(connection.execute_batch(marks)?)).unwrap();
}

fn marks(store: &Store) -> i64 {
    let count = "SELECT (SELECT count(unsynced) FROM layers) + (SELECT count(unsynced) FROM blobs)";
    store.db.with(|connection| Ok(connection.query_row(count, [], |row| row.get(0))?)).unwrap()
}

#[test]
fn what_a_crash_left_half_written_is_made_again_or_goes() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let [whole, layer, blob, both] = ["whole", "layer", "blob", "both"].map(|name| import(&store, name));
    let layer_of = |image: &Image| image.config.rootfs.diff_ids[0].clone();
    let blob_of = |image: &Image| store.blobs_of_layer(&layer_of(image)).unwrap()[0].0.digest.clone();
    for image in [&layer, &both] {
        fs::write(store.layer_path(&layer_of(image)).join("file"), "").unwrap();
    }
    for image in [&blob, &both] {
        fs::write(store.blob_path(&blob_of(image)), "no archive").unwrap();
    }
    crash(&store);
    let store = open(dir.path());

    for (image, name) in [(&whole, "whole"), (&layer, "layer")] {
        let directory = store.layers(&store.image_by_id(&Owner::Catalogue, &image.id).unwrap()).remove(0);
        assert_eq!(fs::read_to_string(directory.join("file")).unwrap(), name);
        assert!(store.keeps_archives(image).unwrap());
    }
    // Its archive can't be told from one that never was, so its layer can't be made again.
    for image in [&blob, &both] {
        assert!(store.image_by_id(&Owner::Catalogue, &image.id).is_err());
        assert!(!store.layer_path(&layer_of(image)).exists());
    }
    let left = |name| fs::read_dir(dir.path().join(name)).unwrap().count();
    assert_eq!((left("layers"), left("blobs")), (2, 2));
    store.flush().unwrap();
    assert_eq!(marks(&store), 0);
    // They can be had again.
    import(&store, "both");
}

#[test]
fn what_came_is_marked_until_it_is_on_the_disk() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let tar = Tar::new().file("file", b"1", |_| {}).bytes();
    let layer = store.add_layer(tar.as_slice(), None, Limits::default()).unwrap();
    store.add_layer(tar.as_slice(), None, Limits::default()).unwrap();
    store.flush().unwrap();
    assert_eq!(marks(&store), 0);
    store.add_layer(tar.as_slice(), Some(&layer.diff_id), Limits::default()).unwrap();
    assert_eq!(marks(&store), 0, "what is on the disk already stays there");
}
