//! What the kernel makes of unpacked layers.

use super::*;
use crate::testing::Tar;
use std::collections::BTreeSet;
use std::path::Path;
use tar::EntryType;

#[test]
fn an_overlay_shows_what_the_layers_mean() {
    let x = |_: &mut tar::Header| {};
    let lower = Tar::new()
        .file("gone", b"", x)
        .file("kept", b"lower", x)
        .file("a/gone", b"", x)
        .file("a/kept", b"", x)
        .file("opaque/lower", b"", x)
        .file("replaced/lower", b"", x)
        .file("directory/lower", b"", x)
        .file("file", b"lower", x)
        .file("implied/gone", b"", x)
        .file("implied/kept", b"", x)
        .file("merged/lower", b"", x);
    let upper = Tar::new()
        .file(".wh.gone", b"", x)
        .file("a/.wh.gone", b"", x)
        .directory("opaque", x)
        .file("opaque/upper", b"", x)
        .file("opaque/.wh..wh..opq", b"", x)
        // Gone, and there again.
        .file("replaced/upper", b"", x)
        .file(".wh.replaced", b"", x)
        .file("directory", b"now a file", x)
        .directory("file", x)
        .file("implied/.wh.gone", b"", x)
        .file("merged/upper", b"", x)
        .link(EntryType::Link, "merged/upper2", "merged/upper")
        .file(".wh.never there", b"", x);
    let seen = stacked(&[upper.bytes(), lower.bytes()]);
    let expected = [
        "a",
        "a/kept",
        "directory",
        "file",
        "implied",
        "implied/kept",
        "kept",
        "merged",
        "merged/lower",
        "merged/upper",
        "merged/upper2",
        "opaque",
        "opaque/upper",
        "replaced",
        "replaced/upper",
    ];
    assert_eq!(seen, expected.map(str::to_owned).into());
}

#[test]
fn a_third_layer_brings_back_what_the_second_removed() {
    let x = |_: &mut tar::Header| {};
    let lower = Tar::new().file("d/old", b"", x).file("f", b"", x).bytes();
    let middle = Tar::new().file(".wh.d", b"", x).file(".wh.f", b"", x).bytes();
    let upper = Tar::new().file("d/new", b"", x).file("f", b"", x).bytes();
    assert_eq!(stacked(&[upper, middle, lower]), ["d", "d/new", "f"].map(str::to_owned).into());
}

/// The kernel doesn't ask a layer's root whether it is opaque: whoever stacks layers has to, and leave out those below.
#[test]
fn an_opaque_root_is_marked_for_those_who_stack() {
    let lower = Tar::new().file("lower", b"", |_| {}).bytes();
    let upper = Tar::new().file("upper", b"", |_| {}).file(".wh..wh..opq", b"", |_| {}).bytes();
    let place = Place::new();
    place.unpack(upper.as_slice()).unwrap();
    assert!(place.is_opaque(""));
    assert_eq!(stacked(&[upper, lower]), ["lower", "upper"].map(str::to_owned).into());
}

/// All paths that an overlay of these layers has, the topmost first.
fn stacked(layers: &[Vec<u8>]) -> BTreeSet<String> {
    let places: Vec<Place> = layers.iter().map(|_| Place::new()).collect();
    for (place, layer) in places.iter().zip(layers) {
        place.unpack(layer.as_slice()).unwrap();
    }
    let merged = Scratch::new();
    let lower: Vec<_> = places.iter().map(|place| place.root().to_str().unwrap().to_owned()).collect();
    let (options, target) = (format!("lowerdir={}", lower.join(":")), merged.path().to_owned());
    with_own_mounts(move || {
        mount(Some("overlay"), &target, Some("overlay"), MsFlags::MS_RDONLY, Some(options.as_str())).unwrap();
        let paths = snapshot::of(&target).into_keys();
        paths.filter(|path| path != Path::new("")).map(|path| path.to_str().unwrap().to_owned()).collect()
    })
}
