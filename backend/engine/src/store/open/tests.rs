#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::store::{Defaults, Reference, digest};
use crate::testing::Scratch;
use archive::testing::Tar;
use std::io::Write;
use std::process::{Command, Stdio};

fn open(dir: &Path) -> Store {
    Store::open(dir, Database::open(dir).unwrap()).unwrap()
}

fn named(names: &[&str]) -> NewImage {
    NewImage {
        names: names.iter().map(|name| Reference::parse(name).unwrap()).collect(),
        config: Defaults {
            cmd: Some(vec!["sh".to_owned()]),
            labels: Some((0..20).map(|i| (format!("label-{i}"), i.to_string())).collect()),
            ..Defaults::default()
        },
        created: 1_700_000_000_000_000_000,
        created_by: "a test".to_owned(),
        base: None,
    }
}

fn in_layers(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir.join("layers")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn an_image_is_there_with_its_layer_and_its_configuration() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let tar = Tar::new().file("etc/motd", b"ahoy", |_| {}).bytes();
    let image = store.import(tar.as_slice(), named(&["a", "b:1"])).unwrap();

    let found = open(dir.path()).image(&Owner::Catalogue, "a").unwrap();
    assert_eq!((&found.id, found.size, found.created), (&image.id, 4, 1_700_000_000_000_000_000));
    assert_eq!(found.repo_tags, ["a:latest", "b:1"]);
    assert_eq!(found.config, image.config);
    assert_eq!(found.config.created.as_deref(), Some("2023-11-14T22:13:20Z"));
    assert_eq!(found.config.rootfs.diff_ids, [digest::sha256(&tar)]);
    let layers = store.layers(&found);
    assert_eq!(layers.len(), 1);
    assert_eq!(std::fs::read(layers[0].join("etc/motd")).unwrap(), b"ahoy");
    assert_eq!(std::fs::metadata(&layers[0]).unwrap().permissions().mode() & 0o7777, 0o755);
    assert_eq!(std::fs::metadata(dir.path().join("layers")).unwrap().permissions().mode() & 0o7777, 0o700);
}

#[test]
fn the_id_is_the_digest_of_the_configuration_that_is_kept() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let image = store.import(Tar::new().bytes().as_slice(), named(&["a"])).unwrap();
    let bytes: Vec<u8> =
        store.db.with(|c| Ok(c.query_row("SELECT config FROM images", [], |row| row.get(0))?)).unwrap();
    assert_eq!(digest::sha256(&bytes), *image.id);
}

#[test]
fn the_same_content_again_is_the_same_image() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let tar = Tar::new().file("a", b"x", |_| {}).bytes();
    let first = store.import(tar.as_slice(), named(&["a"])).unwrap();
    let second = store.import(tar.as_slice(), named(&["b"])).unwrap();
    assert_eq!(first.id, second.id);
    assert_eq!(in_layers(dir.path()).len(), 1);
    assert_eq!(store.image(&Owner::Catalogue, "b").unwrap().repo_tags, ["a:latest", "b:latest"]);
}

#[test]
fn a_name_goes_to_the_image_that_took_it_last() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let first = store.import(Tar::new().file("a", b"1", |_| {}).bytes().as_slice(), named(&["a"])).unwrap();
    let second = store.import(Tar::new().file("a", b"2", |_| {}).bytes().as_slice(), named(&["a"])).unwrap();
    assert_eq!(store.image(&Owner::Catalogue, "a").unwrap().id, second.id);
    assert_eq!(store.image_by_id(&Owner::Catalogue, &first.id).unwrap().repo_tags, Vec::<String>::new());
}

#[test]
fn nothing_stays_of_an_import_that_failed() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let tar = Tar::new().file("a", &[b'x'; 5000], |_| {}).bytes();
    store.import(&tar[..4000], named(&["a"])).unwrap_err();
    assert_eq!(in_layers(dir.path()), Vec::<String>::new());
    assert_eq!(store.image(&Owner::Catalogue, "a").unwrap_err().message, "No such image: a:latest");
}

#[test]
fn what_another_process_is_making_is_left_alone() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let making = store.scratch().unwrap();
    open(dir.path());
    assert!(making.path().exists());
}

/// The name of the process's test, and the variable that tells it where to import to.
const KILLED: &str = "store::open::tests::imports_what_comes_on_stdin";
const KILLED_DIR: &str = "LERNHAFEN_TEST_IMPORT";

/// Not a test by itself: the process that the next one starts and kills.
#[test]
fn imports_what_comes_on_stdin() {
    let Some(dir) = std::env::var_os(KILLED_DIR) else { return };
    open(dir.as_ref()).import(std::io::stdin(), named(&["killed"])).unwrap();
}

#[test]
fn nothing_stays_of_an_import_that_was_killed() {
    let dir = Scratch::new();
    let tar = Tar::new().file("a", &[b'x'; 1 << 20], |_| {}).bytes();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", KILLED])
        .env(KILLED_DIR, dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // More than a pipe holds: when this returns, the import is in the middle of it.
    child.stdin.as_mut().unwrap().write_all(&tar[..1 << 19]).unwrap();
    assert_eq!(in_layers(dir.path()).len(), 1);
    child.kill().unwrap();
    child.wait().unwrap();

    let store = open(dir.path());
    assert_eq!(in_layers(dir.path()), Vec::<String>::new());
    assert_eq!(store.catalogue().unwrap().len(), 0);
    store.import(tar.as_slice(), named(&["killed"])).unwrap();
    assert_eq!(store.catalogue().unwrap().len(), 1);
}
