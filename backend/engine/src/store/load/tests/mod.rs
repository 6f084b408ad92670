#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod null;

use super::*;
use crate::db::Database;
use crate::store::Owner;
use crate::store::digest;
use crate::testing::Scratch;
use crate::testing::host;
use archive::testing::Tar;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use tar::EntryType;

const HOST: &Owner = &Owner::Catalogue;

fn open(dir: &Path) -> Store {
    Store::open(dir, Database::open(dir).unwrap()).unwrap()
}

/// Loads, and answers what was told but for the progress.
fn load(store: &Store, owner: &Owner, archive: &[u8], limits: Limits) -> Result<Vec<Loaded>> {
    let mut told = Vec::new();
    store.load(owner, archive, None, limits, |loaded| told.push(loaded))?;
    told.retain(|loaded| !matches!(loaded, Loaded::Layer { .. }));
    Ok(told)
}

fn in_store(dir: &Path) -> usize {
    ["layers", "blobs"].iter().map(|name| std::fs::read_dir(dir.join(name)).unwrap().count()).sum()
}

fn layer(content: &str) -> Vec<u8> {
    Tar::new().file("file", content.as_bytes(), |_| {}).bytes()
}

fn config(layers: &[&[u8]]) -> Vec<u8> {
    let diff_ids: Vec<_> = layers.iter().map(|layer| digest::sha256(layer)).collect();
    json!({"os": "linux", "architecture": Platform::of_machine().architecture, "config": {"Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": []})
    .to_string()
    .into_bytes()
}

fn manifest(tags: &[&str], layers: &[&str]) -> Vec<u8> {
    json!([{"Config": "config.json", "RepoTags": tags, "Layers": layers}]).to_string().into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn files(files: &[(&str, &[u8])]) -> Vec<u8> {
    files.iter().fold(Tar::new(), |tar, (path, content)| tar.file(path, content, |_| {})).bytes()
}

/// An OCI layout, of blobs that are called by their digest.
fn layout(index: &serde_json::Value, blobs: &[&[u8]]) -> Vec<u8> {
    let named = blobs.iter().map(|blob| (layout::blob_path(&digest::sha256(blob)), *blob));
    let tar = named.fold(Tar::new(), |tar, (path, content)| tar.file(path, content, |_| {}));
    tar.file(layout::LAYOUT, br#"{"imageLayoutVersion":"1.0.0"}"#, |_| {})
        .file(layout::INDEX, index.to_string().as_bytes(), |_| {})
        .bytes()
}

fn descriptor(blob: &[u8]) -> serde_json::Value {
    json!({"mediaType": "whatever", "digest": digest::sha256(blob), "size": blob.len()})
}

fn index(manifests: &[serde_json::Value]) -> serde_json::Value {
    json!({"schemaVersion": 2, "manifests": manifests})
}

fn image_manifest(config: &[u8], layers: &[&[u8]]) -> Vec<u8> {
    let layers: Vec<_> = layers.iter().map(|layer| descriptor(layer)).collect();
    json!({"schemaVersion": 2, "config": descriptor(config), "layers": layers}).to_string().into_bytes()
}

#[test]
fn archives_of_every_kind_and_order() {
    let (one, two) = (layer("1"), layer("2"));
    let document = config(&[&one, &two, &one]);
    let named = manifest(&["a:1"], &["one/layer.tar", "two/layer.tar", "again/layer.tar"]);
    let old = |tar: Tar| {
        tar.file("two/layer.tar", &two, |_| {}).link(EntryType::Symlink, "again/layer.tar", "../one/layer.tar").bytes()
    };
    let manifest_last =
        old(Tar::new().file("./config.json", &document, |_| {}).file("/one/layer.tar", &gzip(&one), |_| {}));
    let plain = Tar::new()
        .file("manifest.json", &named, |_| {})
        .link(EntryType::Link, "one/layer.tar", "first.tar")
        .file("first.tar", &one, |_| {})
        .file("config.json", &document, |_| {});
    let manifest_first = old(plain);
    let manifest_last = [&manifest_last[..manifest_last.len() - 1024], &files(&[("manifest.json", &named)])].concat();

    let zstd = zstd::encode_all(&two[..], 3).unwrap();
    let own = image_manifest(&document, &[&one, &zstd, &one]);
    let other = image_manifest(b"none", &[]);
    let inner = index(&[
        json!({"digest": digest::sha256(&other), "platform": {"os": "linux", "architecture": "s390x"}}),
        json!({"digest": digest::sha256(&own), "platform":
            {"os": "linux", "architecture": Platform::of_machine().architecture}}),
    ])
    .to_string()
    .into_bytes();
    let annotated = |blob: &[u8], name: &str, value: &str| {
        let mut descriptor = descriptor(blob);
        descriptor["annotations"] = json!({ name: value });
        index(&[descriptor])
    };
    let oci = layout(&annotated(&own, layout::REF_NAME, "a:1"), &[&one, &zstd, &document, &own]);
    let nested = layout(
        &annotated(&inner, layout::IMAGE_NAME, "docker.io/library/a:1"),
        &[&document, &own, &inner, &zstd, &one],
    );

    let bzip2 = {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(&manifest_last).unwrap();
        encoder.finish().unwrap()
    };
    let xz = {
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0)).unwrap();
        encoder.write_all(&manifest_last).unwrap();
        encoder.finish().unwrap()
    };
    for (kind, archive) in [
        ("manifest last", manifest_last.clone()),
        ("manifest first", manifest_first),
        ("gzip", gzip(&manifest_last)),
        ("zstd", zstd::encode_all(&manifest_last[..], 3).unwrap()),
        ("bzip2", bzip2),
        ("xz", xz),
        ("oci", oci),
        ("oci, an index in the index", nested),
    ] {
        let dir = Scratch::new();
        let store = open(dir.path());
        let told = load(&store, HOST, &archive, Limits::default()).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let id = ImageId::of(&document);
        assert_eq!(
            told,
            [Loaded::Named { id: id.clone(), name: "a:1".into() }, Loaded::Image { id: id.clone() }],
            "{kind}"
        );
        let image = store.image(HOST, "a:1").unwrap();
        assert_eq!(image.id, id);
        let top = store.layers(&image)[0].join("file");
        assert_eq!(std::fs::read_to_string(top).unwrap(), "1");
        assert_eq!(in_store(dir.path()), 4, "{kind}: two layers, each with its archive");
    }
}

#[test]
fn what_is_said_of_names() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let (one, other) = (layer("1"), layer("2"));
    let archive = |layer: &[u8], tags: &[&str]| {
        let documents: [(&str, &[u8]); 3] =
            [("l.tar", layer), ("config.json", &config(&[layer])), ("manifest.json", &manifest(tags, &["l.tar"]))];
        files(&documents)
    };
    let (id, other_id) = (ImageId::of(&config(&[&one])), ImageId::of(&config(&[&other])));
    let told = load(&store, HOST, &archive(&one, &[]), Limits::default()).unwrap();
    assert_eq!(told, [Loaded::Image { id: id.clone() }, Loaded::Ids(vec![id.clone()])]);
    load(&store, HOST, &archive(&one, &["a:1", "b:1"]), Limits::default()).unwrap();
    let told = load(&store, HOST, &archive(&other, &["b:1"]), Limits::default()).unwrap();
    assert_eq!(told[0], Loaded::Renamed { name: "b:1".into(), old: id.clone() });
    assert_eq!(store.image(HOST, "a:1").unwrap().id, id);
    assert_eq!(store.image(HOST, "b:1").unwrap().id, other_id);

    // Of images for other machines nothing is kept.
    let wanted = Platform::parse("linux/s390x").unwrap();
    let third = layer("3");
    let before = in_store(dir.path());
    store.load(HOST, &archive(&third, &["c:1"])[..], Some(&wanted), Limits::default(), |_| {}).unwrap();
    assert!(store.image(HOST, "c:1").is_err());
    assert_eq!(in_store(dir.path()), before);
}

/// As with Docker 28.5.
#[test]
fn what_comes_before_a_fault_is_kept() {
    let one = layer("1");
    let document = config(&[&one]);
    let archive = |items: serde_json::Value| {
        files(&[("l.tar", &one), ("config.json", &document), ("manifest.json", items.to_string().as_bytes())])
    };
    let item = |tags: &[&str]| json!({"Config": "config.json", "RepoTags": tags, "Layers": ["l.tar"]});
    let lost = json!({"Config": "lost.json", "RepoTags": ["a:2"], "Layers": ["l.tar"]});
    for (items, fault, kept) in [
        (json!([item(&["a:1", "Bad:1", "a:3"])]), "must be lowercase", &["a:1"][..]),
        (json!([item(&["a:1", "untagged"])]), "invalid tag \"untagged\"", &["a:1"]),
        (json!([item(&["a:1", "a@sha256:1"])]), "invalid reference format", &["a:1"]),
        (json!([item(&["a:1"]), item(&["Bad:1"]), item(&["a:3"])]), "must be lowercase", &["a:1"]),
        (json!([item(&["a:1"]), lost, item(&["a:3"])]), "lost.json, which is not in it", &["a:1"]),
        (json!([item(&["Bad:1"])]), "must be lowercase", &[]),
        (
            json!([{"Config": "config.json", "RepoTags": ["a:1", null], "Layers": ["l.tar"]}]),
            "invalid reference",
            &["a:1"],
        ),
    ] {
        let dir = Scratch::new();
        let store = open(dir.path());
        let mut told = Vec::new();
        let loaded = store.load(HOST, &archive(items)[..], None, Limits::default(), |loaded| told.push(loaded));
        let error = loaded.unwrap_err();
        assert!(error.message.contains(fault), "{error}");
        let named = |loaded: &Loaded| if let Loaded::Named { name, .. } = loaded { Some(name.clone()) } else { None };
        assert_eq!(told.iter().filter_map(named).collect::<Vec<_>>(), kept, "{fault}");
        assert_eq!(store.image(HOST, "a:1").is_ok(), kept == ["a:1"], "{fault}");
        assert!(store.image(HOST, &digest::sha256(&document)).is_ok(), "{fault}: the image is there, named or not");
        assert!(store.image(HOST, "a:3").is_err(), "{fault}");
    }
}

/// None of it leaves anything, whatever of it was good.
#[test]
fn hostile_archives() {
    let one = layer("1");
    let good = config(&[&one]);
    let windows = String::from_utf8(good.clone()).unwrap().replace("linux", "windows").into_bytes();
    let with = |document: &[u8], manifest: &[u8], more: Tar| {
        more.file("l.tar", &one, |_| {})
            .file("config.json", document, |_| {})
            .file("manifest.json", manifest, |_| {})
            .bytes()
    };
    let named = |tags: &[&str], layers: &[&str]| with(&good, &manifest(tags, layers), Tar::new());
    let own = image_manifest(&good, &[&one]);
    let deep = (0..10).fold(vec![own.clone()], |mut blobs, _| {
        blobs.push(index(&[descriptor(blobs.last().unwrap())]).to_string().into_bytes());
        blobs
    });
    let deep_blobs: Vec<&[u8]> = deep.iter().map(Vec::as_slice).chain([&good[..], &one]).collect();
    let deep = layout(&index(&[descriptor(deep.last().unwrap())]), &deep_blobs);
    let many: Vec<_> = (0..1001).map(|_| descriptor(&own)).collect();
    let mut historic: serde_json::Value = serde_json::from_slice(&good).unwrap();
    historic["history"] = json!([null, {"created_by": null, "empty_layer": null}]);
    let historic = historic.to_string().into_bytes();
    let mut lie = own.clone();
    lie.push(b' ');
    let lying = files(&[
        (layout::INDEX, index(&[descriptor(&own)]).to_string().as_bytes()),
        (&layout::blob_path(&digest::sha256(&own)), &lie),
        (&layout::blob_path(&digest::sha256(&good)), &good),
        (&layout::blob_path(&digest::sha256(&one)), &one),
    ]);
    let climbing = Tar::new().link(EntryType::Link, "x", "../../etc/passwd").bytes();
    let sized = Tar::new().file("bad.tar", &one, |header| header.set_size(1 << 40)).bytes();
    let mut lz4 = b"\x04\x22\x4d\x18".to_vec();
    lz4.resize(1000, 7);
    let whole = named(&["a:1"], &["l.tar"]);
    let loop_ = Tar::new().link(EntryType::Symlink, "a", "b").link(EntryType::Symlink, "b", "a");
    let outside = Tar::new().link(EntryType::Symlink, "a", "../../../../../../etc/passwd");

    for (what, archive, message) in [
        ("nothing", vec![], "neither manifest.json nor index.json"),
        ("nonsense", b"nonsense".to_vec(), "unexpected EOF"),
        ("another compression", lz4.clone(), "compressed with lz4"),
        ("cut off", whole[..1200].to_vec(), "unexpected EOF"),
        ("cut off within a layer", whole[..700].to_vec(), "unexpected EOF"),
        ("damaged", [gzip(&whole)[..200].to_vec(), vec![0; 300]].concat(), ""),
        ("an old one", files(&[("repositories", b"{}"), ("l.tar", &one)]), "a Docker before 1.10"),
        ("a path that climbs", Tar::new().file("../../x", b"", |_| {}).bytes(), "leads out of it"),
        ("no list", with(&good, b"null", Tar::new()), "cannot be null"),
        ("no JSON", with(&good, b"{", Tar::new()), "unexpected EOF"),
        ("another form", with(&good, br#"{"a":1}"#, Tar::new()), "manifest.json in the archive can't be used"),
        ("no configuration", with(b"[]", &manifest(&[], &["l.tar"]), Tar::new()), "configuration can't be used"),
        (
            "a layer for a configuration",
            with(&one, &manifest(&[], &["l.tar"]), Tar::new()),
            "config.json, which is not in it",
        ),
        ("of another system", with(&windows, &manifest(&[], &["l.tar"]), Tar::new()), "cannot load windows image"),
        ("a layer too many", named(&[], &["l.tar", "l.tar"]), "layers length mismatch: expected 2, got 1"),
        ("no layer", named(&[], &[]), "layers length mismatch: expected 0, got 1"),
        ("a missing layer", named(&[], &["m.tar"]), "m.tar, which is not in it"),
        ("a document for a layer", named(&[], &["config.json"]), "config.json in the archive is no layer"),
        (
            "another layer",
            with(&config(&[&layer("2")]), &manifest(&[], &["l.tar"]), Tar::new()),
            "invalid diffID for layer 0",
        ),
        ("a link that leads round", with(&good, &manifest(&[], &["a"]), loop_), "a, which is not in it"),
        ("a link that leads out", with(&good, &manifest(&[], &["a"]), outside), "a, which is not in it"),
        (
            "more history than layers",
            with(&historic, &manifest(&[], &["l.tar"]), Tar::new()),
            "too many non-empty layers",
        ),
        (
            "a layer that climbs",
            with(&good, &manifest(&[], &["l.tar"]), Tar::new().file("bad.tar", &climbing, |_| {})),
            "",
        ),
        (
            "a layer of another compression",
            with(&good, b"[]", Tar::new().file("bad.tar", &lz4, |_| {})),
            "compressed with lz4",
        ),
        ("a layer that lies about its size", sized, ""),
        ("a lie about a digest", lying, "its digest is another one"),
        ("a blob that isn't there", layout(&index(&[descriptor(&own)]), &[&own, &one]), "which is not in it"),
        ("indexes in indexes", deep, "nested too deep"),
        ("an index of thousands", layout(&index(&many), &[&own, &good, &one]), "more than 1000 images"),
        ("large names", Tar::new().file("n".repeat(2 << 20), b"", |_| {}).bytes(), "larger than an entry's may be"),
    ] {
        let dir = Scratch::new();
        let store = open(dir.path());
        match load(&store, HOST, &archive, Limits::default()) {
            Ok(told) => panic!("{what}: {told:?}"),
            Err(error) => assert!(error.message.contains(message), "{what}: {error}"),
        }
        assert_eq!(in_store(dir.path()), 0, "{what} leaves something");
        assert_eq!(store.images(HOST).unwrap().len(), 0, "{what}");
    }
}

#[test]
fn what_is_too_large_for_the_host_leaves_nothing() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let layers = [layer(&"1".repeat(6000)), layer(&"2".repeat(6000))];
    let archive = files(&[("1.tar", &layers[0]), ("2.tar", &layers[1])]);
    let error = load(&store, HOST, &archive, Limits { bytes: 10_000, ..Limits::default() }).unwrap_err();
    assert!(!error.message.contains("manifest.json"), "both together are too large: {error}");
    assert_eq!(in_store(dir.path()), 0);
}

/// Layers are stored once for all: so who names one must show that he has it.
#[test]
fn a_digest_alone_is_not_a_layer() {
    let dir = Scratch::new();
    let store = open(dir.path());
    let secret = layer("secret");
    let document = config(&[&secret]);
    let path = layout::blob_path(&digest::sha256(&secret));
    let archive = |content: Option<&[u8]>| {
        let mut all: Vec<(&str, &[u8])> = vec![("config.json", &document)];
        all.extend(content.map(|content| (path.as_str(), content)));
        let manifest = manifest(&["a:1"], &[&path]);
        files(&[&all[..], &[("manifest.json", &manifest)]].concat())
    };
    load(&store, &host("owner"), &archive(Some(&secret)), Limits::default()).unwrap();
    let inode =
        || std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(store.layer_path(&digest::sha256(&secret))).unwrap());
    let before = inode();

    let error = load(&store, &host("other"), &archive(None), Limits::default()).unwrap_err();
    assert!(error.message.contains("which is not in it"), "{error}");
    let error = load(&store, &host("other"), &archive(Some(&layer("guess"))), Limits::default()).unwrap_err();
    assert!(error.message.contains("is not what it is called"), "{error}");
    assert_eq!(store.images(&host("other")).unwrap().len(), 0);

    load(&store, &host("other"), &archive(Some(&secret)), Limits::default()).unwrap();
    load(&store, &host("owner"), &archive(None), Limits::default()).unwrap();
    assert_eq!((inode(), in_store(dir.path())), (before, 2), "it is there already");
}
