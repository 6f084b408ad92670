//! `docker pull` of what is there: no registry has anything newer.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use common::Engine;

#[test]
fn what_is_there_is_up_to_date() {
    let engine = Engine::start();
    let name = "docker.io/library/busybox";
    let latest = "latest: Pulling from library/busybox\nStatus: Image is up to date for busybox";
    for (args, said) in [
        (&["busybox"][..], format!("Using default tag: latest\n{latest}:latest\n{name}:latest")),
        (&["docker.io/library/busybox:latest"], format!("{latest}:latest\n{name}:latest")),
        (&["--all-tags", "busybox"], format!("{latest}\n{name}")),
        (
            &["--platform", "linux/riscv64", "busybox:latest"],
            format!(
                "{latest}:latest\nWARNING: image with reference busybox:latest was found but its platform (linux/amd64) \
                 does not match the specified platform (linux/riscv64)\n{name}:latest"
            ),
        ),
        (&["--quiet", "busybox"], format!("{name}:latest")),
    ] {
        assert_eq!(engine.docker(&[&["pull"], args].concat()).ok(), said);
    }
    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 1;
    let format = "{{.Type}} {{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}}";
    let events = engine.docker(&["events", "--since", "0", "--until", &soon.to_string(), "--format", format]).ok();
    let pulled = "image pull busybox:latest busybox";
    let all = "image pull busybox busybox";
    assert_eq!(events, [pulled, pulled, all, pulled, pulled].join("\n"));
}

#[test]
fn what_is_not_there_is_an_error_that_says_what_is() {
    let engine = Engine::start();
    for name in ["nothere", "busybox:2", "nothere/busybox"] {
        engine
            .docker(&["pull", name])
            .fails_with(1, "pulling images is not there yet in Lernhafen. The images on this host: busybox:latest");
    }
}
