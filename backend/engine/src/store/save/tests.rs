#![allow(clippy::unwrap_used, reason = "a test may")]

use super::*;
use crate::db::Database;
use crate::store::Owner;
use crate::store::{Defaults, History, ImageConfig, Loaded, Names, RootFs};
use crate::testing::Scratch;
use archive::Limits;
use archive::testing::Tar;
use std::io::Read;
use std::path::Path;

const HOST: &Owner = &Owner::Catalogue;

fn open(dir: &Path) -> Store {
    Store::open(dir, Database::open(dir).unwrap()).unwrap()
}

fn add(store: &Store, tags: &[&str], layers: &[&str], parent: Option<&Image>) -> Image {
    let layer = |content: &&str| {
        let tar = Tar::new().file("file", content.repeat(1000).as_bytes(), |_| {}).bytes();
        store.add_layer(&tar[..], None, Limits::default()).unwrap().diff_id
    };
    let history = layers.iter().map(|layer| History { created_by: (*layer).to_owned(), ..History::default() });
    let machine = Platform::of_machine();
    let config = ImageConfig {
        os: machine.os,
        architecture: machine.architecture,
        config: Defaults { cmd: Some(vec!["sh".into()]), ..Defaults::default() },
        created: Some("2024-05-06T07:08:09.5Z".into()),
        rootfs: RootFs { kind: "layers".into(), diff_ids: layers.iter().map(layer).collect() },
        history: history.collect(),
        ..ImageConfig::default()
    };
    let tags: Vec<Reference> = tags.iter().map(|tag| Reference::parse(tag).unwrap()).collect();
    let names = Names { tags: &tags, parent: parent.map(|parent| &parent.id), ..Names::default() };
    store.register(HOST, &config.to_bytes().unwrap(), &names).unwrap()
}

fn save(store: &Store, names: &[&str]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    store.save(HOST, names, None)?.0.read_to_end(&mut bytes).unwrap();
    Ok(bytes)
}

fn paths(archive: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(archive);
    archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
}

#[test]
fn what_is_saved_is_loaded_as_the_same_images() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let base = add(&store, &["base:1", "base:2", "localhost:5000/b"], &["1"], None);
    let child = add(&store, &["child"], &["1", "2"], Some(&base));
    let archive = save(&store, &["base", "child", "localhost:5000/b:latest", &child.id]).unwrap();
    assert_eq!(save(&store, &["base", "child", "localhost:5000/b:latest"]).unwrap(), archive, "the same bytes again");
    let blobs = paths(&archive).iter().filter(|path| path.starts_with("blobs/sha256/")).count();
    assert_eq!(blobs - 1, 2 + 2 + 2, "each layer once, a configuration and a manifest for each image");

    let other_dir = Scratch::new();
    let other = open(other_dir.path());
    let mut told = Vec::new();
    other.load(HOST, &archive[..], None, Limits::default(), |loaded| told.push(loaded)).unwrap();
    told.retain(|loaded| matches!(loaded, Loaded::Named { .. }));
    assert_eq!(told.len(), 4);
    for (name, image) in [("base:1", &base), ("base:2", &base), ("localhost:5000/b", &base), ("child", &child)] {
        let found = other.image(HOST, name).unwrap();
        assert_eq!((&found.id, &found.parent, found.created), (&image.id, &image.parent, image.created), "{name}");
    }
    assert_eq!(other.document(&child.id).unwrap(), store.document(&child.id).unwrap());
}

#[test]
fn names_mean_what_they_mean_for_docker() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let image = add(&store, &["a:1", "a:2", "b:1"], &["1"], None);
    let tags = |names: &[&str]| {
        let (_, images) = store.save(HOST, names, None)?;
        assert_eq!(images.len(), 1);
        let archive = save(&store, names)?;
        let mut archive = tar::Archive::new(&archive[..]);
        let mut entries = archive.entries().unwrap().map(Result::unwrap);
        let mut text = String::new();
        let manifest = entries.find(|entry| entry.path().unwrap() == Path::new("manifest.json"));
        manifest.unwrap().read_to_string(&mut text).unwrap();
        let items: serde_json::Value = serde_json::from_str(&text).unwrap();
        Ok::<_, Error>(items[0]["RepoTags"].to_string())
    };
    let id = image.id.trim_start_matches("sha256:").to_owned();
    for (names, expected) in [
        (&["a"][..], r#"["a:1","a:2"]"#),
        (&["a:2", "b:1", "a:2"], r#"["a:2","b:1"]"#),
        (&[&image.id], "null"),
        (&[&id], "null"),
        (&[&id[..12]], "null"),
        (&[&image.id[..14], "docker.io/library/b:1"], r#"["b:1"]"#),
    ] {
        assert_eq!(tags(names).unwrap(), expected, "{names:?}");
    }
    for (name, message) in [
        ("c", "No such image: c"),
        ("a:3", "reference does not exist"),
        ("sha256:", "invalid reference format"),
        ("A", "invalid reference format: repository name (library/A) must be lowercase"),
        ("b@sha256:0", "invalid reference format"),
    ] {
        assert_eq!(tags(&[name]).unwrap_err().message, message);
    }
    let wanted = Platform::parse("linux/s390x").unwrap();
    let error = store.save(HOST, &["a"], Some(&wanted)).map(drop).unwrap_err();
    assert_eq!(error.message, "no suitable export target found for platform linux/s390x");
}

#[test]
fn nothing_is_an_archive_too() {
    let dir = Scratch::new();
    assert_eq!(paths(&save(&open(dir.path()), &[]).unwrap()), ["index.json", "manifest.json", "oci-layout"]);
}
