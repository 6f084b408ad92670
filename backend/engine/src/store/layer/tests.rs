#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::digest;
use crate::testing::Scratch;
use archive::testing::Tar;
use std::path::Path;

fn open(dir: &Path) -> Store {
    Store::open(dir, Database::open(dir).unwrap()).unwrap()
}

fn tar() -> Vec<u8> {
    Tar::new().directory("etc", |_| {}).file("etc/motd", &b"ahoy ".repeat(5000), |_| {}).bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn add(store: &Store, bytes: &[u8]) -> Layer {
    store.add_layer(bytes, None, Limits::default()).unwrap()
}

fn archive(store: &Store, layer: &Layer) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.open_layer(&layer.diff_id).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_layer_tells_its_very_bytes_again_however_it_came() {
    for compressed in
        [tar(), gzip(&tar()), [gzip(&tar()), gzip(b"")].concat(), zstd::encode_all(&tar()[..], 3).unwrap()]
    {
        let dir = Scratch::new();
        let store = open(dir.path());
        let layer = add(&store, &compressed);
        assert_eq!(layer, Layer { diff_id: digest::sha256(&tar()), size: 25_000, tar_size: tar().len() as u64 });
        assert_eq!(archive(&store, &layer), tar());
        assert_eq!(store.find_layer(&layer.diff_id).unwrap(), Some(layer.clone()));
        let motd = store.layer_path(&layer.diff_id).join("etc/motd");
        assert_eq!(std::fs::read(motd).unwrap(), b"ahoy ".repeat(5000));
        if compressed != tar() {
            let (blob, _) = store.blobs_of_layer(&layer.diff_id).unwrap().remove(0);
            assert_eq!(blob.digest, digest::sha256(&compressed), "it is kept as it came");
        }
    }
}

#[test]
fn only_a_small_one_is_kept_as_it_is() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let large = Tar::new().file("large", &b"ahoy ".repeat(4_000_000), |_| {}).bytes();
    for (tar, expected) in [(tar(), Compression::None), (large, Compression::Zstd)] {
        let layer = add(&store, &tar);
        let (blob, compression) = store.blobs_of_layer(&layer.diff_id).unwrap().remove(0);
        assert_eq!(compression, expected);
        assert_eq!(blob.size < layer.tar_size, expected == Compression::Zstd);
        assert!(archive(&store, &layer) == tar);
    }
}

#[test]
fn one_layer_may_be_in_several_blobs() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let layer = add(&store, &gzip(&tar()));
    assert_eq!(add(&store, &zstd::encode_all(&tar()[..], 3).unwrap()), layer);
    assert_eq!(store.blobs_of_layer(&layer.diff_id).unwrap().len(), 2);
    assert_eq!(std::fs::read_dir(dir.path().join("layers")).unwrap().count(), 1);
    assert_eq!(archive(&store, &layer), tar());
}

#[test]
fn nothing_stays_of_what_is_broken_or_another() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let whole = gzip(&tar());
    for broken in [&whole[..whole.len() / 2], b"<html>", &tar()[..1000], b"\xfd7zXZ\0..."] {
        store.add_layer(broken, None, Limits::default()).unwrap_err();
    }
    let other = digest::sha256(b"other");
    let error = store.add_layer(&whole[..], Some(&other), Limits::default()).unwrap_err();
    assert!(error.message.contains(&other), "{error}");
    for name in ["layers", "blobs"] {
        assert_eq!(std::fs::read_dir(dir.path().join(name)).unwrap().count(), 0, "{name}");
    }
    assert_eq!(store.find_layer(&digest::sha256(&tar())).unwrap(), None);
}

#[test]
fn what_was_counted_otherwise_before_is_counted_anew() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let import = || store.import(tar().as_slice(), crate::store::NewImage::default()).unwrap();
    let image = import();
    assert_eq!(image.size, 25_000);
    store.db.with(|c| Ok(c.execute_batch("UPDATE layers SET size = 1; UPDATE images SET size = 1")?)).unwrap();
    assert_eq!(store.find_layer(&image.config.rootfs.diff_ids[0]).unwrap().map(|layer| layer.size), Some(1));
    assert_eq!((import().id, import().size), (image.id, 25_000));
}
