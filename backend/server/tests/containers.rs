//! The life of a container, asked for by the real Docker CLI.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;

#[test]
fn run_brings_output_and_exit_codes_as_docker_does() {
    let engine = Engine::start();
    let both = engine.docker(&["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3"]);
    assert_eq!((both.out.as_str(), both.err.as_str(), both.code), ("out\n", "err\n", 3));
    assert_eq!(engine.docker_with_input(&["run", "--rm", "-i", "busybox", "cat"], "typed\n").ok(), "typed");
    engine.docker(&["run", "--rm", "busybox", "nope"]).fails_with(127, "executable file not found in $PATH");
    engine.docker(&["run", "--rm", "busybox", "/etc"]).fails_with(126, "/etc");
    engine.docker(&["run", "--rm", "nosuchimage"]).fails_with(125, "nosuchimage");
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "", "--rm leaves nothing, whatever happened");
}

#[test]
fn a_container_is_seen_in_each_of_its_states() {
    let engine = Engine::start();
    let id = engine.docker(&["create", "--name", "test", "busybox", "sh", "-c", "echo one; exit 7"]).ok();
    assert_eq!(id.len(), 64);
    let status = || engine.docker(&["ps", "-a", "--format", "{{.Names}} {{.Status}}"]).ok();
    assert_eq!(status(), "test Created");
    engine.docker(&["rm", "other"]).fails_with(1, "No such container: other");
    engine.docker(&["create", "--name", "test", "busybox"]).fails_with(1, "is already in use by container");

    assert_eq!(engine.docker(&["start", "-a", "test"]).code, 7);
    assert!(status().starts_with("test Exited (7) "), "{}", status());
    engine.docker(&["start", "-a", "test"]);
    assert_eq!(engine.docker(&["logs", "test"]).ok(), "one\none");
    assert_eq!(engine.docker(&["logs", "--tail", "1", "test"]).ok(), "one");
    let inspected =
        engine.docker(&["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.Config.Image}}", "test"]);
    assert_eq!(inspected.ok(), "exited 7 busybox");

    assert_eq!(engine.docker(&["rm", &id[..12]]).ok(), id[..12]);
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "");
}

#[test]
fn a_background_container_is_entered_stopped_and_started_again() {
    let engine = Engine::start();
    let sleep = [
        "run",
        "-d",
        "--name",
        "bg",
        "busybox",
        "sh",
        "-c",
        "trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done",
    ];
    engine.docker(&sleep).ok();
    assert!(engine.docker(&["ps", "--format", "{{.Names}} {{.Status}}"]).ok().starts_with("bg Up "));
    assert_eq!(engine.docker(&["exec", "bg", "echo", "inside"]).ok(), "inside");
    assert_eq!(engine.docker(&["exec", "bg", "sh", "-c", "exit 9"]).code, 9);
    assert_eq!(engine.docker_with_input(&["exec", "-i", "bg", "cat"], "typed").ok(), "typed");
    let missing = engine.docker(&["exec", "bg", "nope"]);
    assert!(missing.code == 127 && missing.out.contains("executable file not found"), "{missing:?}");
    engine.docker(&["rm", "bg"]).fails_with(1, "container is running");

    engine.docker(&["stop", "bg"]).ok();
    assert_eq!(engine.docker(&["wait", "bg"]).ok(), "5", "it had a chance to say goodbye");
    engine.docker(&["exec", "bg", "true"]).fails_with(1, "is not running");
    engine.docker(&["start", "bg"]).ok();
    engine.docker(&["kill", "bg"]).ok();
    assert_eq!(engine.docker(&["wait", "bg"]).ok(), "137");
    engine.docker(&["restart", "bg"]).ok();
    engine.docker(&["rm", "-f", "bg"]).ok();
}

#[test]
fn an_interactive_container_is_a_machine_of_its_own() {
    let engine = Engine::start();
    let typed = "id -u\nhostname\nps -o comm\nip -4 addr show eth0\nps | wc -l\nexit 4";
    let shown = engine.docker_in_terminal(&["run", "-it", "--name", "test", "busybox"], typed);
    let id = engine.docker(&["inspect", "-f", "{{.Id}}", "test"]).ok();
    for expected in ["\n0\n", &id[..12], "inet 172.17.0.2/16"] {
        assert!(shown.contains(expected), "{expected:?} in {shown}");
    }
    assert!(!shown.contains("lernhafen"), "no process but its own: {shown}");
    assert!(engine.docker(&["ps", "-a"]).ok().contains("Exited (4)"));
    let again = engine.docker_in_terminal(&["start", "-ai", "test"], "echo again-$((1+1))\nexit");
    assert!(again.contains("again-2"), "{again}");
}

#[test]
fn containers_have_addresses_and_reach_each_other() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "one", "busybox", "sleep", "1000"]).ok();
    engine.docker(&["run", "-d", "--name", "two", "busybox", "sleep", "1000"]).ok();
    let address =
        |name: &str| engine.docker(&["inspect", "-f", "{{.NetworkSettings.Networks.bridge.IPAddress}}", name]).ok();
    assert_eq!((address("one"), address("two")), ("172.17.0.2".to_owned(), "172.17.0.3".to_owned()));
    engine.docker(&["exec", "one", "ping", "-c", "1", "-W", "5", "172.17.0.3"]).ok();
    let alone = engine.docker(&["run", "--rm", "--network", "none", "busybox", "ip", "addr"]).ok();
    assert!(!alone.contains("eth0"), "{alone}");
    engine.docker(&["rm", "-f", "one"]).ok();
    engine.docker(&["run", "-d", "--name", "three", "busybox", "sleep", "1000"]).ok();
    assert_eq!(address("three"), "172.17.0.2", "an address is given back");
}

#[test]
fn what_is_not_there_yet_says_so_and_nothing_is_ignored() {
    let engine = Engine::start();
    for option in [
        &["--mount", "type=image,source=busybox,target=/data"][..],
        &["-p", "8080:80"],
        &["--network", "mine"],
        &["--dns", "1.1.1.1"],
        &["--link", "a:b"],
    ] {
        let answer = engine.docker(&[&["create"], option, &["busybox", "true"]].concat());
        assert!(answer.code != 0 && answer.err.contains("not there yet"), "{option:?}: {answer:?}");
    }
    let tmpfs = ["volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "vol"];
    engine.docker(&tmpfs).fails_with(1, "not there yet");
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "");
}

#[test]
fn events_tell_the_story_of_a_run() {
    let engine = Engine::start();
    engine.docker(&["run", "--rm", "--name", "story", "busybox", "true"]).ok();
    let soon = common::seconds_from_now(1);
    let events = engine.docker(&["events", "--since", "0", "--until", &soon, "--format", "{{.Action}}"]);
    let story: Vec<_> =
        events.out.lines().filter(|line| ["create", "start", "die", "destroy"].contains(line)).collect();
    assert_eq!(story, ["create", "start", "die", "destroy"]);
}

#[test]
fn limits_hold() {
    let engine = Engine::start();
    let eater = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
    engine.docker(&["run", "--name", "eater", "-m", "16m", "busybox", "sh", "-c", eater]).fails_with(137, "");
    assert_eq!(engine.docker(&["inspect", "-f", "{{.State.OOMKilled}}", "eater"]).ok(), "true");
    let forks = "i=0; while [ $i -lt 30 ]; do sleep 5 & i=$((i+1)); done; echo all";
    let forked = engine.docker(&["run", "--rm", "--pids-limit", "10", "busybox", "sh", "-c", forks]);
    assert!(!forked.out.contains("all"), "{forked:?}");
}
