//! Health checks, as `docker ps`, `inspect` and `events` tell of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually};

/// A container that is probed often.
fn run(engine: &Engine, name: &str, probe: &str, options: &[&str]) {
    let often = ["--health-cmd", probe, "--health-interval", "200ms"];
    engine.docker(&[&["run", "-d", "--name", name], &often[..], options, &["busybox", "sleep", "1000"]].concat()).ok();
}

fn health(engine: &Engine, name: &str) -> serde_json::Value {
    serde_json::from_str(&engine.docker(&["inspect", "-f", "{{json .State.Health}}", name]).ok()).unwrap()
}

fn events(engine: &Engine, name: &str) -> Vec<String> {
    let soon = common::seconds_from_now(1);
    let filter = format!("container={name}");
    let args = ["events", "--since", "0", "--until", &soon, "--filter", &filter, "--format", "{{.Action}}"];
    engine.docker(&args).ok().lines().map(str::to_owned).collect()
}

#[test]
fn probes_make_a_container_healthy_and_unhealthy_again() {
    let engine = Engine::start();
    run(&engine, "box", "test ! -e /sick || { echo it is sick; exit 7; }", &["--health-retries", "2"]);
    let ps = || engine.docker(&["ps", "--format", "{{.Status}}"]).ok();
    assert!(ps().contains(" (health: starting)") || ps().contains(" (healthy)"), "{}", ps());
    eventually("it is healthy", || ps().ends_with(" (healthy)"));
    engine.docker(&["exec", "box", "touch", "/sick"]).ok();
    eventually("it is unhealthy", || ps().ends_with(" (unhealthy)"));
    let sick = health(&engine, "box");
    let last = sick["Log"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["Output"], &last["ExitCode"]), (&"it is sick\n".into(), &7.into()));
    assert!(sick["FailingStreak"].as_u64().unwrap() >= 2 && sick["Log"].as_array().unwrap().len() <= 5, "{sick}");
    assert_eq!(engine.docker(&["ps", "-q", "--filter", "health=unhealthy"]).ok().lines().count(), 1);
    let story = events(&engine, "box");
    let of_health: Vec<_> = story.iter().filter(|action| action.starts_with("health_status")).collect();
    assert_eq!(of_health, ["health_status: healthy", "health_status: unhealthy"]);
    let probe = |verb: &str| story.iter().position(|action| action.starts_with(verb)).unwrap();
    assert!(probe("exec_create: /bin/sh -c test") < probe("exec_start: /bin/sh -c test"));
    assert!(probe("exec_start: ") < probe("exec_die") && probe("exec_die") < probe("health_status: healthy"));
    engine.docker(&["stop", "-t", "0", "box"]).ok();
    let probes = events(&engine, "box").len();
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(events(&engine, "box").len(), probes, "nobody probes what doesn't run");
}

#[test]
fn a_probe_that_hangs_is_killed_and_one_that_babbles_is_cut() {
    let engine = Engine::start();
    run(&engine, "hangs", "sleep 1000", &["--health-timeout", "300ms", "--health-retries", "1"]);
    eventually("it is unhealthy", || health(&engine, "hangs")["Status"] == "unhealthy");
    let result = health(&engine, "hangs")["Log"][0].clone();
    assert_eq!(result["Output"], "Health check exceeded timeout (300ms)");
    assert_eq!(result["ExitCode"], -1);
    run(&engine, "babbles", "yes | head -c 100000", &[]);
    eventually("it is healthy", || health(&engine, "babbles")["Status"] == "healthy");
    assert_eq!(health(&engine, "babbles")["Log"][0]["Output"].as_str().unwrap().len(), 4096 + "...".len());
    engine.docker(&["rm", "-f", "hangs", "babbles"]).ok();
}

#[test]
fn health_survives_the_server() {
    let mut engine = Engine::start();
    run(&engine, "box", "true", &[]);
    eventually("it is healthy", || health(&engine, "box")["Status"] == "healthy");
    engine.kill_server();
    engine.start_again();
    assert_eq!(health(&engine, "box")["Status"], "healthy");
    eventually("it is probed again", || events(&engine, "box").iter().any(|action| action == "exec_die"));
    engine.docker(&["rm", "-f", "box"]).ok();
}

#[test]
fn health_options_are_checked_as_in_docker() {
    let engine = Engine::start();
    let create = |option: &[&str]| engine.docker(&[&["create"], option, &["busybox", "true"]].concat());
    create(&["--health-interval", "1us"]).fails_with(1, "Interval in Healthcheck cannot be less than 1ms");
    create(&["--health-timeout", "100us"]).fails_with(1, "Timeout in Healthcheck cannot be less than 1ms");
    let id = create(&["--no-healthcheck"]).ok();
    assert_eq!(engine.docker(&["inspect", "-f", "{{json .Config.Healthcheck}}", &id]).ok(), r#"{"Test":["NONE"]}"#);
    engine.docker(&["start", &id]).ok();
    assert_eq!(health(&engine, &id), serde_json::Value::Null);
}
