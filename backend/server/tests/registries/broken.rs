//! Pulls that break off.

use crate::common::eventually;
use crate::relay::Way;
use crate::{BIG, big, is_unpacking, stored};
use std::fs;
use std::process::Stdio;

#[test]
fn a_server_that_is_killed_leaves_nothing_half_made() {
    let (mut engine, _registry, way) = big();
    let before = stored(&engine);
    way.set(Way::Held(1 << 20));
    let mut pull = engine.docker_command(&["pull", BIG]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the layer is on its way", || is_unpacking(&engine));
    engine.kill_server();
    assert!(!pull.wait().unwrap().success());
    engine.start_again();
    eventually("what was half made is gone", || stored(&engine) == before);
    way.set(Way::Free);
    engine.docker(&["pull", BIG]).ok();
    engine.docker(&["run", "--rm", BIG, "test", "-s", "/big"]).ok();
}

#[test]
fn a_connection_that_breaks_is_taken_up_where_it_was() {
    let (engine, registry, way) = big();
    let layer = registry.blobs()[0].clone();
    way.set(Way::CutOnce(1 << 20));
    let pulled = engine.docker(&["pull", BIG]).ok();
    assert!(pulled.contains("Status: Downloaded newer image for"), "{pulled}");
    assert!(way.is_free(), "it was cut");
    assert_eq!(registry.count(&format!("GET /v2/big/blobs/{layer} ")), 2);
}

#[test]
fn a_layer_that_is_not_what_it_is_called_is_refused() {
    let (engine, registry, _way) = big();
    let before = stored(&engine);
    let images = engine.docker(&["images", "-a"]).ok();
    let layer = registry.blobs()[0].clone();
    let path = registry.blob(&layer);
    let bytes = fs::read(&path).unwrap();
    // Near the end the bytes before are unpacked already; near the beginning nothing can be.
    for position in [bytes.len() - 100, 100] {
        let mut wrong = bytes.clone();
        wrong[position] ^= 1;
        fs::write(&path, wrong).unwrap();
        let pulled = engine.docker(&["pull", BIG]);
        pulled.fails_with(1, &format!("filesystem layer verification failed for digest {layer}"));
        assert_eq!(stored(&engine), before);
        assert_eq!(engine.docker(&["images", "-a"]).ok(), images);
    }
    fs::write(&path, bytes).unwrap();
    engine.docker(&["pull", BIG]).ok();
}
