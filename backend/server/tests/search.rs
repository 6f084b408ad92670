//! `docker search` in what the machine has.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::Engine;

#[test]
fn what_the_machine_has_is_found_by_name_and_by_description() {
    let engine = Engine::start_with(&["--no-internet"]);
    let search = |arguments: &[&str]| {
        let arguments =
            [&["search", "--format", "{{.Name}}|{{.Description}}|{{.IsOfficial}}|{{.StarCount}}"], arguments];
        engine.docker(&arguments.concat())
    };
    let labels =
        ["image", "inspect", "busybox", "-f", r#"{{index .Config.Labels "org.opencontainers.image.description"}}"#];
    let description = engine.docker(&labels).ok();
    let line = format!("busybox|{description}|[OK]|0");
    assert!(!description.is_empty());
    for term in ["busybox", "usyb", "library/busybox", &description.to_uppercase()] {
        assert_eq!(search(&["--no-trunc", term]).ok(), line, "{term}");
    }
    assert_eq!(search(&["--no-trunc", "--filter", "is-official=true", "busybox"]).ok(), line);
    for filter in ["is-official=false", "stars=1", "is-automated=true"] {
        assert_eq!(search(&["--filter", filter, "busybox"]).ok(), "", "{filter}");
    }
    // Everything but what learners look out of, and no more than is asked for.
    let all = search(&[""]).ok();
    assert!(all.contains("debian|") && !all.contains("lernhafen/"), "{all}");
    assert_eq!(search(&["--limit", "1", ""]).ok().lines().count(), 1);
    search(&["nothere"])
        .fails_with(1, "no way out to the internet from here. This machine's own images have no \"nothere\"");
    search(&["localhost:5000/x"]).fails_with(1, "localhost:5000 can't be searched, only Docker Hub can");
    search(&["--filter", "bogus=1", "x"]).fails_with(1, "invalid filter 'bogus'");
    search(&["--limit", "101", "x"]).fails_with(1, "limit 101 is outside the range of [1, 100]");
    search(&["https://x"]).fails_with(1, "repository name (https://x) should not have a scheme");
}

#[test]
fn what_was_removed_can_be_pulled_again() {
    let engine = Engine::start();
    let id = engine.docker(&["images", "-q", "--no-trunc", "busybox"]).ok();
    let removed = engine.docker(&["rmi", "busybox"]).ok();
    assert!(
        removed.starts_with("Untagged: busybox:latest\n") && removed.contains(&format!("Deleted: {id}")),
        "{removed}"
    );
    engine
        .docker(&["run", "--rm", "--pull", "never", "busybox", "true"])
        .fails_with(125, "No such image: busybox:latest");
    engine.docker(&["pull", "busybox"]).ok();
    assert_eq!(engine.docker(&["images", "-q", "--no-trunc", "busybox"]).ok(), id);
    assert_eq!(engine.docker(&["run", "--rm", "busybox", "echo", "back"]).ok(), "back");
}
