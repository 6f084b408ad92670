//! What containers write, kept and read again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Answer, Engine, eventually};
use std::process::Stdio;

/// `docker logs …`: both of its streams.
fn logs(engine: &Engine, args: &[&str]) -> Answer {
    engine.docker(&[&["logs"], args].concat())
}

#[test]
fn streams_times_and_numbers_of_lines_are_chosen() {
    let engine = Engine::start();
    let script = "echo one; echo two >&2; sleep 0.2; echo three; sleep 0.2; echo four";
    engine.docker(&["run", "--name", "box", "busybox", "sh", "-c", script]).ok();
    let all = logs(&engine, &["box"]);
    assert_eq!((all.out.as_str(), all.err.as_str()), ("one\nthree\nfour\n", "two\n"));
    assert_eq!(logs(&engine, &["--tail", "1", "box"]).out, "four\n");
    assert_eq!(logs(&engine, &["--tail", "0", "box"]).out, "");
    assert_eq!(logs(&engine, &["--tail", "nonsense", "box"]).out, "one\nthree\nfour\n", "as all");
    let dated = logs(&engine, &["-t", "box"]).ok();
    let (times, lines): (Vec<_>, Vec<_>) = dated.lines().map(|line| line.split_once(' ').unwrap()).unzip();
    assert_eq!(lines, ["one", "three", "four"]);
    assert!(times.iter().all(|time| time.len() == "2026-01-01T00:00:00.000000000Z".len()), "{times:?}");
    assert_eq!(logs(&engine, &["--since", times[2], "box"]).out, "four\n");
    assert_eq!(logs(&engine, &["--until", times[1], "box"]).out, "one\nthree\n");
    assert_eq!(logs(&engine, &["--since", "1h", "--until", times[0], "box"]).out, "one\n");
    let answer = engine.raw(b"GET /containers/box/logs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("you must choose at least one stream"), "{answer}");
    logs(&engine, &["nobody"]).fails_with(1, "No such container: nobody");
}

#[test]
fn following_ends_with_the_container_and_misses_nothing_when_files_change() {
    let engine = Engine::start();
    let script = "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; [ $((i % 100)) = 0 ] && sleep 0.03; done";
    let small = ["--log-opt", "max-size=20k", "--log-opt", "max-file=4"];
    engine.docker(&[&["run", "-d", "--name", "box"], &small[..], &["busybox", "sh", "-c", script]].concat()).ok();
    let followed = logs(&engine, &["-f", "box"]).ok();
    let expected: Vec<String> = (1..=3000).map(|n| n.to_string()).collect();
    assert!(followed.lines().eq(expected.iter()), "{} lines", followed.lines().count());
    assert_eq!(engine.docker(&["inspect", "-f", "{{.State.Status}}", "box"]).ok(), "exited");
    // What rotation has left is the end of it, in order.
    let left = logs(&engine, &["box"]).ok();
    assert!(left.lines().count() < 3000 && expected.join("\n").ends_with(&left), "{left}");
    assert_eq!(logs(&engine, &["--tail", "800", "box"]).ok(), expected[2200..].join("\n"), "from several files");
    engine.docker(&["create", "--name", "never", "busybox", "true"]).ok();
    assert_eq!(logs(&engine, &["-f", "never"]).ok(), "");
}

#[test]
fn a_flood_neither_fills_the_disk_nor_keeps_others_waiting() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "flood", "busybox", "yes", "a flood that never ends"]).ok();
    engine.docker(&["run", "-d", "--name", "other", "busybox", "sleep", "1000"]).ok();
    let size = || -> u64 {
        let containers = engine.host_files().join("containers");
        let files = std::fs::read_dir(containers)
            .unwrap()
            .flatten()
            .flat_map(|dir| std::fs::read_dir(dir.path()).unwrap().flatten().collect::<Vec<_>>());
        files
            .filter(|file| file.file_name().to_string_lossy().contains("-json.log"))
            .map(|file| file.metadata().map_or(0, |it| it.len()))
            .sum()
    };
    eventually("the flood has gone through more than is kept", || size() > 20 << 20);
    let names = engine.docker(&["inspect", "-f", "{{json .HostConfig.LogConfig}}", "flood"]).ok();
    assert_eq!(names, r#"{"Type":"json-file","Config":{}}"#);
    for _ in 0..20 {
        assert_eq!(engine.docker(&["exec", "other", "echo", "served"]).ok(), "served");
        assert!(size() <= (30 << 20) + (1 << 20), "{}", size());
    }
    let last = logs(&engine, &["--tail", "3", "flood"]).ok();
    assert_eq!(last, ["a flood that never ends"; 3].join("\n"));
    engine.docker(&["rm", "-f", "flood", "other"]).ok();
}

#[test]
fn a_reader_that_leaves_or_does_not_read_holds_nobody_up() {
    let engine = Engine::start();
    engine
        .docker(&[
            "run",
            "-d",
            "--name",
            "box",
            "busybox",
            "sh",
            "-c",
            "yes $(seq 40) | head -c 3000000; echo; echo all; sleep 1000",
        ])
        .ok();
    let mut deaf = engine.docker_command(&["logs", "-f", "box"]).stdout(Stdio::piped()).spawn().unwrap();
    eventually("all is in the log", || logs(&engine, &["--tail", "1", "box"]).out == "all\n");
    deaf.kill().unwrap();
    deaf.wait().unwrap();
    assert_eq!(logs(&engine, &["box"]).out.len(), 3_000_005);
    engine.docker(&["rm", "-f", "box"]).ok();
}

#[test]
fn log_options_are_checked_and_said_as_in_docker() {
    let engine = Engine::start();
    let create = |args: &[&str]| engine.docker(&[&["create"], args, &["busybox", "true"]].concat());
    create(&["--log-opt", "foo=1"]).fails_with(1, "unknown log opt 'foo' for json-file log driver");
    create(&["--log-opt", "mode=foo"]).fails_with(1, "logger: logging mode not supported: foo");
    create(&["--log-driver", "foo"]).fails_with(1, "error looking up logging plugin foo: plugin \"foo\" not found");
    create(&["--log-driver", "syslog"]).fails_with(1, "keeps its logs as json-file");
    let run = |option: &str| engine.docker(&["run", "--rm", "--log-opt", option, "busybox", "true"]);
    let start = "failed to create task for container: failed to initialize logging driver: ";
    run("max-size=-1").fails_with(125, &format!("{start}invalid size: '-1'"));
    run("max-file=0").fails_with(125, &format!("{start}max-file cannot be less than 1"));
    run("max-size=900g").fails_with(125, "the disk is shared with others");

    engine
        .docker(&["run", "-d", "--name", "none", "--log-driver", "none", "busybox", "sh", "-c", "echo x; sleep 1000"])
        .ok();
    logs(&engine, &["none"]).fails_with(1, "configured logging driver does not support reading");
    assert_eq!(
        engine.docker(&["inspect", "-f", "{{json .HostConfig.LogConfig}}", "none"]).ok(),
        r#"{"Type":"none","Config":{}}"#
    );
    engine.docker(&["rm", "-f", "none"]).ok();

    let options = ["-l", "a=1", "-l", "b=x y", "-e", "Q=7", "--log-opt", "labels=b,a", "--log-opt", "env=Q"];
    engine.docker(&[&["run", "--name", "box"], &options[..], &["busybox", "echo", "hi"]].concat()).ok();
    assert_eq!(logs(&engine, &["--details", "box"]).out, "Q=7,a=1,b=x+y hi\n");
}
