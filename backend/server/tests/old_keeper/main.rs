//! After an upgrade: today's server over a host whose keeper is of the last release.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;
mod keeper;
mod version_2;

use common::{Engine, eventually};
use keeper::OldKeeper;
use std::fs;

#[test]
fn a_host_goes_on_under_a_newer_server() {
    let mut engine = Engine::start();
    let counter = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done";
    engine.docker(&["run", "-d", "--name", "before", "busybox", "sh", "-c", counter]).ok();
    let pid = engine.docker(&["inspect", "-f", "{{.State.Pid}}", "before"]).ok();
    engine.kill_server();
    let old = OldKeeper::stand_in(&engine.dir.join("run/hosts").join(engine.host_id()));
    engine.start_again();

    let running = engine.docker(&["inspect", "-f", "{{.State.Status}} {{.State.Pid}}", "before"]).ok();
    assert_eq!(running, format!("running {pid}"), "the same process");
    assert_eq!(engine.docker(&["exec", "before", "echo", "still"]).ok(), "still");
    engine.docker(&["exec", "before", "sh", "-c", "exit 7"]).fails_with(7, "");
    let lines = engine.docker(&["logs", "before"]).ok();
    assert!(lines.lines().enumerate().all(|(index, line)| line == (index + 1).to_string()), "no line is lost");

    // Everything that a keeper is asked for.
    assert_eq!(engine.docker_with_input(&["run", "--rm", "-i", "busybox", "cat"], "typed").ok(), "typed");
    assert!(engine.docker_in_terminal(&["run", "--rm", "-it", "busybox", "sh"], "tty; exit\n").contains("/dev/pts/0"));
    engine.docker(&["run", "--rm", "busybox", "nonsense"]).fails_with(127, "not found");
    engine.docker(&["run", "-d", "--name", "beside", "--pid", "container:before", "busybox", "sleep", "100"]).ok();
    let file = engine.dir.join("file");
    fs::write(&file, "copied").unwrap();
    engine.docker(&["cp", file.to_str().unwrap(), "before:/tmp/file"]).ok();
    assert_eq!(engine.docker(&["exec", "before", "cat", "/tmp/file"]).ok(), "copied");
    engine.docker(&["cp", "before:/tmp/file", engine.dir.join("back").to_str().unwrap()]).ok();
    assert_eq!(fs::read_to_string(engine.dir.join("back")).unwrap(), "copied");
    engine.docker(&["kill", "beside"]).ok();
    assert_eq!(engine.docker(&["wait", "beside"]).ok(), "137");
    engine.docker(&["rm", "beside"]).ok();
    engine.docker(&["stop", "-t", "0", "before"]).ok();
    eventually("its end is known", || {
        engine.docker(&["ps", "-a", "--format", "{{.Status}}"]).ok().starts_with("Exited (137)")
    });
    engine.docker(&["start", "before"]).ok();
    engine.docker(&["rm", "-f", "before"]).ok();
    // Rather than without it.
    for mount in ["daten:/x", "/run:/x", "/x"] {
        engine
            .docker(&["run", "--rm", "-v", mount, "busybox", "true"])
            .fails_with(125, "began with an older Lernhafen");
    }
    assert_eq!(engine.docker(&["volume", "ls", "-q"]).ok(), "");
    assert_eq!(old.refused(), [""; 0], "it was asked what it doesn't know");
}
