//! Containers that start again by themselves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually, pid_in_host};
use std::process::Command;

fn run(engine: &Engine, name: &str, policy: &str, script: &str) {
    engine.docker(&["run", "-d", "--name", name, "--restart", policy, "busybox", "sh", "-c", script]).ok();
}

fn inspect(engine: &Engine, name: &str, format: &str) -> String {
    engine.docker(&["inspect", "-f", format, name]).ok()
}

fn status(engine: &Engine, name: &str) -> String {
    inspect(engine, name, "{{.State.Status}}")
}

fn restarts(engine: &Engine, name: &str) -> u32 {
    inspect(engine, name, "{{.RestartCount}}").parse().unwrap()
}

#[test]
fn policies_decide_whether_a_container_starts_again() {
    let engine = Engine::start();
    run(&engine, "twice", "on-failure:2", "echo run; exit 3");
    run(&engine, "well", "on-failure", "exit 0");
    eventually("it was restarted twice", || status(&engine, "twice") == "exited");
    assert_eq!(inspect(&engine, "twice", "{{.RestartCount}} {{.State.ExitCode}}"), "2 3");
    assert_eq!(engine.docker(&["logs", "twice"]).ok(), "run\nrun\nrun", "one log of all runs");
    assert_eq!(
        inspect(&engine, "twice", "{{json .HostConfig.RestartPolicy}}"),
        r#"{"Name":"on-failure","MaximumRetryCount":2}"#
    );
    assert_eq!(engine.docker(&["wait", "well"]).ok(), "0");
    assert_eq!((status(&engine, "well").as_str(), restarts(&engine, "well")), ("exited", 0));
    let soon = common::seconds_from_now(1);
    let events = ["events", "--since", "0", "--until", &soon, "--filter", "container=twice", "--format"];
    let story = engine.docker(&[&events[..], &["{{.Action}}"]].concat()).ok();
    assert_eq!(story.lines().collect::<Vec<_>>(), ["create", "start", "die", "start", "die", "start", "die"]);
}

#[test]
fn who_waits_to_be_restarted_is_shown_so_and_can_be_stopped() {
    let engine = Engine::start();
    run(&engine, "loop", "always", "exit 3");
    let waits = || {
        eventually("it waits for its restart, and long enough to be looked at", || {
            restarts(&engine, "loop") > 3 && status(&engine, "loop") == "restarting"
        });
    };
    waits();
    // It may be about to run at each of these moments.
    let sometimes = |what: &str, args: &[&str], words: &str| {
        eventually(what, || {
            let answer = engine.docker(args);
            format!("{}{}", answer.out, answer.err).contains(words)
        });
    };
    sometimes("it is listed", &["ps", "--format", "{{.Names}} {{.Status}}"], "loop Restarting (3)");
    sometimes("it is found", &["ps", "--filter", "status=restarting", "--format", "{{.Names}}"], "loop");
    let state = "{{.State.Running}} {{.State.Restarting}} {{.State.Pid}}";
    sometimes("it is inspected", &["inspect", "-f", state, "loop"], "true true 0");
    sometimes("it isn't entered", &["exec", "loop", "true"], "is restarting, wait until the container is running");
    let stop_first = "container is restarting: stop the container before removing or force remove";
    sometimes("it isn't removed", &["rm", "loop"], stop_first);
    assert_eq!(engine.docker(&["start", "loop"]).ok(), "loop", "it counts as running");
    engine.docker(&["stop", "loop"]).ok();
    let runs = restarts(&engine, "loop");
    assert_eq!(status(&engine, "loop"), "exited");
    assert!(["3", "137", "143"].contains(&engine.docker(&["wait", "loop"]).ok().as_str()));
    std::thread::sleep(std::time::Duration::from_millis(2500));
    assert_eq!((status(&engine, "loop").as_str(), restarts(&engine, "loop")), ("exited", runs), "it stays stopped");
    engine.docker(&["start", "loop"]).ok();
    waits();
    engine.docker(&["kill", "loop"]).ok();
    assert_eq!(status(&engine, "loop"), "exited");
    engine.docker(&["start", "loop"]).ok();
    waits();
    engine.docker(&["rm", "-f", "loop"]).ok();
    run(&engine, "killed", "always", "sleep 1000");
    engine.docker(&["kill", "killed"]).ok();
    assert_eq!(status(&engine, "killed"), "exited", "a kill is a stop");
}

#[test]
fn policies_hold_across_the_server_and_the_host() {
    let mut engine = Engine::start();
    run(&engine, "ends", "always", "sleep 1; exit 5");
    run(&engine, "waits", "always", "exit 3");
    eventually("it waits", || restarts(&engine, "waits") > 3 && status(&engine, "waits") == "restarting");
    let (runs, pid) = (restarts(&engine, "ends"), inspect(&engine, "ends", "{{.State.Pid}}"));
    engine.kill_server();
    eventually("it has ended", || !engine.tenants().into_iter().any(|tenant| pid_in_host(tenant) == pid));
    engine.start_again();
    eventually("what ended while nobody looked is restarted", || restarts(&engine, "ends") > runs);
    let before = restarts(&engine, "waits");
    eventually("what waited goes on", || restarts(&engine, "waits") > before);
    engine.docker(&["rm", "-f", "ends", "waits"]).ok();

    for (name, policy) in
        [("always", "always"), ("unless", "unless-stopped"), ("stopped", "unless-stopped"), ("no", "no")]
    {
        run(&engine, name, policy, "sleep 1000");
    }
    engine.docker(&["stop", "-t", "0", "stopped"]).ok();
    let keeper = engine.keeper();
    engine.stop_server();
    assert!(Command::new("kill").args(["-9", &keeper.to_string()]).status().unwrap().success());
    engine.start_again();
    eventually("the host began again, and with it what is to run always", || {
        ["always", "unless"].iter().all(|name| status(&engine, name) == "running")
    });
    assert_eq!([status(&engine, "stopped"), status(&engine, "no")], ["exited", "exited"]);
    engine.docker(&["rm", "-f", "always", "unless", "stopped", "no"]).ok();
}

#[test]
fn policies_that_mean_nothing_are_refused_as_in_docker() {
    let engine = Engine::start();
    for (policy, words) in [
        ("foo", "unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"),
        ("always:3", "maximum retry count can only be used with 'on-failure'"),
        ("on-failure:-1", "maximum retry count cannot be negative"),
    ] {
        let answer = engine.docker(&["create", "--restart", policy, "busybox", "true"]);
        answer.fails_with(1, &format!("invalid restart policy: {words}"));
    }
    let body = r#"{"Image":"busybox","HostConfig":{"AutoRemove":true,"RestartPolicy":{"Name":"always"}}}"#;
    let head = "POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = engine.raw(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    assert!(
        answer.contains("400 Bad Request")
            && answer.contains("can't create 'AutoRemove' container with restart policy"),
        "{answer}"
    );
}
