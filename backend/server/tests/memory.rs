//! A host whose memory is used up, as it is seen with the real Docker CLI: who has taken it is ended, everything else lives on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, comm, eventually, seconds_from_now};

/// A host with little memory, and a container that has nothing to do with it all.
fn small() -> Engine {
    let engine = Engine::start_with(&["--memory-mib", "96"]);
    engine.docker(&["run", "-d", "--name", "neighbour", "busybox", "sleep", "1000"]).ok();
    canary_is_there(&engine);
    engine
}

/// Waits until the kernel would end the canary first.
fn canary_is_there(engine: &Engine) {
    eventually("there is a canary", || engine.members().into_iter().any(|pid| comm(pid) == "canary"));
}

/// The neighbour runs, its host too, and there is memory again.
fn goes_on(engine: &Engine) {
    let running = engine.docker(&["ps", "--format", "{{.Names}} {{.Status}}", "--filter", "name=neighbour"]).ok();
    assert!(running.contains("Up"), "{running}");
    engine.docker(&["run", "--rm", "busybox", "dd", "if=/dev/zero", "of=/dev/null", "bs=32M", "count=1"]).ok();
    canary_is_there(engine);
}

fn is_ended(engine: &Engine, name: &str) {
    let state = "{{.State.OOMKilled}} {{.State.ExitCode}} {{.HostConfig.Memory}}";
    assert_eq!(engine.docker(&["inspect", "-f", state, name]).ok(), "true 137 0", "{name}");
}

#[test]
fn what_fills_the_memory_is_ended_and_that_is_told() {
    let engine = small();
    let dd = |to: &'static str| ["busybox", "dd", "if=/dev/zero", to, "bs=1M"];
    let run = |name: &str, options: &[&str], command: &[&str]| {
        engine.docker(&[&["run", "--name", name], options, command].concat()).fails_with(137, "");
        is_ended(&engine, name);
        goes_on(&engine);
    };
    run("tmpfs", &["--tmpfs", "/t:size=10g"], &dd("of=/t/x"));
    run("shm", &["--shm-size", "10g"], &dd("of=/dev/shm/x"));
    run("process", &[], &["busybox", "tail", "/dev/zero"]);

    engine.docker(&["run", "-d", "--name", "exec", "--shm-size", "10g", "busybox", "sleep", "1000"]).ok();
    let exec = ["exec", "exec", "dd", "if=/dev/zero", "of=/dev/shm/x", "bs=1M"];
    assert_eq!(engine.docker(&exec).code, 137);
    eventually("its container is ended", || {
        engine.docker(&["inspect", "-f", "{{.State.Running}}", "exec"]).ok() == "false"
    });
    is_ended(&engine, "exec");

    let cached = ["run", "--rm", "busybox", "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=300"];
    engine.docker(&cached).ok();
    goes_on(&engine);
    let format = "{{.Action}} {{.Actor.Attributes.name}}";
    let (filter, soon) = ("event=oom", seconds_from_now(1));
    let events = ["events", "--since", "0", "--until", &soon, "--filter", filter, "--format", format];
    assert_eq!(engine.docker(&events).ok(), "oom tmpfs\noom shm\noom process\noom exec");
}

/// What waits in pipes and sockets is no process's memory.
#[test]
fn pipes_and_sockets_count() {
    let engine = small();
    if engine.docker(&["image", "inspect", "debian"]).code != 0 {
        return println!("without the image debian there is nothing here to fill sockets with: not run");
    }
    let fill = "use Socket; my @all; \
        for (1..500) { pipe(my $r, my $w) or last; $w->blocking(0); syswrite($w, 'x' x 65536); push @all, $r, $w } \
        while (socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0)) { \
            $a->blocking(0); 1 while syswrite($a, 'x' x 65536); push @all, $a, $b } \
        print 'that was all'; sleep 1000";
    let options = ["run", "--name", "sockets", "--ulimit", "nofile=16000", "debian"];
    engine.docker(&[&options[..], &["perl", "-MIO::Handle", "-e", fill]].concat()).fails_with(137, "");
    is_ended(&engine, "sockets");
    goes_on(&engine);
}

/// Version 1 only: there processes can wait for memory instead of being killed.
#[test]
fn a_container_that_waits_for_memory_tells_of_it() {
    if !std::path::Path::new("/sys/fs/cgroup/memory").is_dir() {
        return;
    }
    let engine = Engine::start();
    // By touching memory itself: a system call that finds none fails instead of waiting.
    let eater = "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done";
    let limit = ["run", "-d", "--name", "waits", "--oom-kill-disable", "-m", "16m"];
    engine.docker(&[&limit[..], &["busybox", "sh", "-c", eater]].concat()).ok();
    let killed = || engine.docker(&["inspect", "-f", "{{.State.OOMKilled}} {{.State.Running}}", "waits"]).ok();
    eventually("it is told", || killed() == "true true");
    engine.docker(&["kill", "waits"]).ok();
    eventually("it is ended, and what was stays said", || killed() == "true false");
    let soon = seconds_from_now(1);
    let events = ["events", "--since", "0", "--until", &soon, "--filter", "event=oom", "--format", "{{.Action}}"];
    assert_eq!(engine.docker(&events).ok(), "oom");
}
