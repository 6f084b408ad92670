//! What is left after crashes and after many runs: running containers where they should be, and nothing else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually};
use std::fs;
use std::process::Command;

#[test]
fn containers_survive_the_server_however_it_ends() {
    let mut engine = Engine::start();
    let counter = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done";
    engine.docker(&["run", "-d", "--name", "lives", "busybox", "sh", "-c", counter]).ok();
    engine.docker(&["run", "-d", "--name", "ends", "busybox", "sh", "-c", "sleep 1; exit 6"]).ok();
    engine.docker(&["run", "-d", "--rm", "--name", "vanishes", "busybox", "sleep", "1"]).ok();
    let pid = || engine_pid(&engine, "lives");
    let before = pid();
    engine.kill_server();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    engine.start_again();
    assert_eq!(engine_pid(&engine, "lives"), before, "the same process");
    assert_eq!(engine.docker(&["wait", "ends"]).ok(), "6", "what ended meanwhile is known");
    assert_eq!(engine.docker(&["ps", "-a", "--format", "{{.Names}}"]).ok(), "ends\nlives");
    engine.stop_server();
    engine.start_again();
    assert_eq!(engine.docker(&["exec", "lives", "echo", "still"]).ok(), "still");
    let lines: Vec<u32> = engine.docker(&["logs", "lives"]).ok().lines().map(|line| line.parse().unwrap()).collect();
    let expected: Vec<u32> = (1..=u32::try_from(lines.len()).unwrap()).collect();
    assert_eq!(lines, expected, "no line of its output is lost");
    engine.docker(&["rm", "-f", "lives"]).ok();
}

#[test]
fn a_killed_keeper_takes_its_containers_along_and_that_is_recorded() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "victim", "busybox", "sh", "-c", "sleep 100 & sleep 100"]).ok();
    engine.docker(&["exec", "-d", "victim", "sleep", "100"]).ok();
    assert!(engine.tenants().len() >= 4);
    kill(engine.keeper());
    eventually("every process of the host has ended", || engine.tenants().is_empty());
    eventually("its cgroups are gone", || engine.cgroups().is_empty());
    eventually("the container is recorded as killed", || {
        engine.docker(&["ps", "-a", "--format", "{{.Names}} {{.Status}}"]).out.starts_with("victim Exited (137)")
    });
    assert!(!engine.dir.join("run/hosts").join(engine.host_id()).join("bundles").exists());
}

#[test]
fn a_host_that_lost_both_keeper_and_server_begins_again() {
    let mut engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "victim", "busybox", "sleep", "100"]).ok();
    let keeper = engine.keeper();
    engine.kill_server();
    kill(keeper);
    engine.start_again();
    assert!(engine.docker(&["ps", "-a", "--format", "{{.Status}}"]).ok().starts_with("Exited (137)"));
    engine.docker(&["start", "victim"]).ok();
    assert!(engine.docker(&["ps"]).ok().contains("victim"));
}

#[test]
fn a_hundred_runs_leave_nothing_behind() {
    let engine = Engine::start();
    let run = || assert_eq!(engine.docker(&["run", "--rm", "busybox", "echo", "x"]).ok(), "x");
    run();
    let counted = || Leaks::count(&engine);
    eventually("the first run has gone", || engine.tenants().len() == 1);
    let before = counted();
    for _ in 0..100 {
        run();
    }
    // The kernel takes veths and cgroups apart in its own time.
    eventually("a hundred runs leave what one leaves", || {
        let after = counted();
        after == before || {
            eprintln!("{after:?} instead of {before:?}");
            false
        }
    });
}

/// Everything that a container has, counted.
#[derive(Debug, PartialEq, Eq)]
struct Leaks {
    processes: usize,
    cgroups: usize,
    mounts: usize,
    keeper_fds: usize,
    server_fds: usize,
    veths: usize,
    bundles: usize,
    directories: usize,
}

impl Leaks {
    fn count(engine: &Engine) -> Self {
        let host = engine.host_id();
        let entries = |dir: std::path::PathBuf| fs::read_dir(dir).map_or(0, Iterator::count);
        let keeper = engine.keeper();
        let init = engine.tenants()[0];
        let links = Command::new("nsenter").args(["-t", &init.to_string(), "-n", "ip", "-o", "link"]).output().unwrap();
        Self {
            processes: engine.tenants().len(),
            cgroups: engine.cgroups().len(),
            mounts: fs::read_to_string("/proc/self/mounts").unwrap().lines().count(),
            keeper_fds: entries(format!("/proc/{keeper}/fd").into()),
            server_fds: entries(format!("/proc/{}/fd", engine.server_pid()).into()),
            veths: String::from_utf8_lossy(&links.stdout).matches("veth").count(),
            bundles: entries(engine.dir.join("run/hosts").join(&host).join("bundles")),
            directories: entries(engine.dir.join("data/hosts").join(&host).join("containers"))
                + entries(engine.dir.join("data/hosts").join(&host).join("trash")),
        }
    }
}

fn engine_pid(engine: &Engine, name: &str) -> String {
    engine.docker(&["inspect", "-f", "{{.State.Pid}}", name]).ok()
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}
