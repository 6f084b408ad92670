//! What is left after crashes and after many runs: running containers where they should be, and nothing else.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually, pid_in_host};
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
    let ending = ["ends", "vanishes"].map(|name| engine_pid(&engine, name));
    engine.kill_server();
    eventually("both have ended", || !engine.tenants().into_iter().any(|tenant| ending.contains(&pid_in_host(tenant))));
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

/// Kills the server in the middle of everything, again and again: what it was about to do is done or not done.
#[test]
fn a_server_that_is_killed_at_any_moment_leaves_nothing_half_done() {
    const ROUNDS: u64 = 20;
    let mut engine = Engine::start();
    let counter = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.02; done";
    engine.docker(&["run", "-d", "--name", "steady", "busybox", "sh", "-c", counter]).ok();
    let (pid, bare) = (engine_pid(&engine, "steady"), engine.cgroups().len());
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    for round in 0..ROUNDS {
        let busy = |number: u64| {
            let name = format!("busy-{round}-{number}");
            let script = "for n in 1 2 3; do docker run -d --name NAME busybox sleep 1000; docker exec NAME true; docker stop -t 0 NAME; \
                          docker start NAME; docker rm -f NAME; docker run --rm busybox true; done";
            let docker = engine.docker_command(&[]);
            Command::new("sh")
                .args(["-c", &script.replace("NAME", &name).replace("docker ", "\"$DOCKER\" ")])
                .env("DOCKER", docker.get_program())
                .envs(docker.get_envs().filter_map(|(key, value)| Some((key, value?))))
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap()
        };
        let children: Vec<_> = (0..2).map(busy).collect();
        // Spread over what the commands take, differently each time.
        let moment = (seed + round).wrapping_mul(6_364_136_223_846_793_005) >> 33;
        std::thread::sleep(std::time::Duration::from_millis(moment % 700));
        engine.kill_server();
        for mut child in children {
            child.wait().unwrap();
        }
        engine.start_again();
        let listed = engine.docker(&["ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.State}}"]).ok();
        let mut names: Vec<_> = listed.lines().map(|line| line.split(' ').nth(1).unwrap()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "doubled: {listed}");
        assert!(names.contains(&"steady"), "lost: {listed}");
        let running: Vec<_> = listed.lines().filter(|line| line.ends_with(" running")).collect();
        for line in &running {
            let (id, _) = line.split_once(' ').unwrap();
            let pid = engine_pid(&engine, id);
            assert!(engine.tenants().into_iter().any(|tenant| pid_in_host(tenant) == pid), "{line} runs");
        }
        // Whatever is there can be used and removed.
        for name in names.into_iter().filter(|name| *name != "steady") {
            let answer = engine.docker(&["start", name]);
            assert!(answer.code == 0 || answer.err.contains("No such container"), "{name}: {answer:?}");
            engine.docker(&["rm", "-f", name]).ok();
        }
        assert_eq!(engine_pid(&engine, "steady"), pid, "what runs is not touched");
    }
    let lines = engine.docker(&["logs", "steady"]).ok();
    let lines: Vec<usize> = lines.lines().map(|line| line.parse().unwrap()).collect();
    assert!(lines.iter().copied().eq(1..=lines.len()), "no line of its output is lost");
    eventually("nothing is left but what runs", || {
        let host = engine.host_id();
        let count = |dir: std::path::PathBuf| fs::read_dir(dir).map_or(0, Iterator::count);
        let left = [
            engine.cgroups().len() - bare,
            count(engine.dir.join("run/hosts").join(&host).join("bundles")) - 1,
            count(engine.host_files().join("containers")) - 1,
            count(engine.host_files().join("trash")),
        ];
        left == [0; 4] || {
            eprintln!("{left:?}");
            false
        }
    });
    engine.docker(&["rm", "-f", "steady"]).ok();
}

#[test]
fn a_killed_keeper_takes_its_containers_along_and_that_is_recorded() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "victim", "busybox", "sh", "-c", "sleep 1000 & sleep 1000"]).ok();
    engine.docker(&["exec", "-d", "victim", "sleep", "1000"]).ok();
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
    engine.docker(&["run", "-d", "--name", "victim", "busybox", "sleep", "1000"]).ok();
    let keeper = engine.keeper();
    engine.kill_server();
    kill(keeper);
    engine.start_again();
    assert!(engine.docker(&["ps", "-a", "--format", "{{.Status}}"]).ok().starts_with("Exited (137)"));
    engine.docker(&["start", "victim"]).ok();
    assert!(engine.docker(&["ps"]).ok().contains("victim"));
}

#[test]
fn the_router_lives_as_long_as_somebody_needs_it() {
    let mut engine = Engine::start();
    let router = |engine: &Engine| {
        engine.docker(&["ps"]).ok();
        let mut found = None;
        eventually("the host has its cable to the router", || {
            found = Router::of(engine.keeper()).filter(|router| router.cables == 1);
            found.is_some()
        });
        found.unwrap()
    };
    let first = router(&engine);
    assert!(is_on_machine(first.uplink));
    engine.kill_server();
    engine.start_again();
    assert_eq!(router(&engine), first, "the next server takes it over");
    let keeper = engine.keeper();
    engine.kill_server();
    kill(keeper);
    eventually("the kernel has taken it away", || !is_on_machine(first.uplink));
    engine.start_again();
    assert!(is_on_machine(router(&engine).uplink));
}

/// What is in the network namespace that a keeper holds for its host's cable.
#[derive(Debug, PartialEq, Eq)]
struct Router {
    namespace: String,
    /// The machine's number of the uplink's other end.
    uplink: u32,
    cables: usize,
}

impl Router {
    fn of(keeper: u32) -> Option<Self> {
        fs::read_dir(format!("/proc/{keeper}/fd")).unwrap().flatten().find_map(|entry| {
            let target = fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned();
            let namespace = target.starts_with("net:").then_some(target)?;
            let enter = format!("--net={}", entry.path().display());
            let listed = Command::new("nsenter").args([&enter, "ip", "-o", "link"]).output().unwrap();
            let listed = String::from_utf8_lossy(&listed.stdout);
            let uplink = listed.split_once(" uplink@if")?.1.split(':').next()?.parse().ok()?;
            Some(Self { namespace, uplink, cables: listed.matches(" host").count() })
        })
    }
}

fn is_on_machine(link: u32) -> bool {
    let numbers = fs::read_dir("/sys/class/net").unwrap().flatten();
    numbers
        .filter_map(|entry| fs::read_to_string(entry.path().join("ifindex")).ok())
        .any(|n| n.trim() == link.to_string())
}

#[test]
fn a_hundred_runs_leave_nothing_behind() {
    let engine = Engine::start();
    let run = || assert_eq!(engine.docker(&["run", "--rm", "busybox", "echo", "x"]).ok(), "x");
    run();
    let counted = || Leaks::count(&engine);
    // The kernel takes veths and cgroups apart in its own time.
    eventually("the first run has gone", || (counted().processes, counted().veths) == (1, 0));
    let before = counted();
    for _ in 0..100 {
        run();
    }
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
            directories: entries(engine.host_files().join("containers")) + entries(engine.host_files().join("trash")),
        }
    }
}

fn engine_pid(engine: &Engine, name: &str) -> String {
    engine.docker(&["inspect", "-f", "{{.State.Pid}}", name]).ok()
}

fn kill(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}
