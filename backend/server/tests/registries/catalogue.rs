//! Where no registry can be reached, the workshop has images of its own.

use crate::common::Engine;

#[test]
fn what_the_workshop_has_comes_back_and_is_called_what_it_is() {
    let engine = Engine::start_with(&["--no-internet"]);
    let id = engine.docker(&["images", "-q", "--no-trunc", "debian:latest"]).ok();
    engine.docker(&["rmi", "debian"]).ok();
    engine.docker(&["image", "inspect", "debian"]).fails_with(1, "No such image: debian");
    let pulled = engine.docker(&["pull", "debian"]).ok();
    assert!(pulled.contains("latest: Pulling from library/debian\n"), "{pulled}");
    assert!(
        pulled.contains("This is this machine's own image of that name, built from Debian's packages."),
        "{pulled}"
    );
    assert!(!pulled.contains("Digest:"), "it has none in a registry: {pulled}");
    assert_eq!(engine.docker(&["images", "-q", "--no-trunc", "debian:latest"]).ok(), id);

    engine
        .docker(&["pull", "nothere/at-all"])
        .fails_with(1, "nothere/at-all:latest is not among this machine's own images either: ");
    let said = engine.docker(&["pull", "nothere/at-all"]).err;
    assert!(said.contains("busybox") && said.contains("debian"), "{said}");
}
