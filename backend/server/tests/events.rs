//! What happens, told in Docker's words and in order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::{Engine, eventually, seconds_from_now};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;

/// All events until now that the filters let through.
fn events(engine: &Engine, filters: &[&str]) -> Vec<Value> {
    let until = seconds_from_now(1);
    let mut args = vec!["events", "--since", "0", "--until", &until, "--format", "{{json .}}"];
    filters.iter().for_each(|filter| args.extend(["--filter", filter]));
    engine.docker(&args).ok().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn actions(events: &[Value]) -> Vec<String> {
    events
        .iter()
        .map(|event| format!("{} {}", event["Type"].as_str().unwrap(), event["Action"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_life_is_told_in_order_and_with_dockers_attributes() {
    let engine = Engine::start();
    let script = "trap 'exit 4' TERM; while :; do sleep 0.1; done";
    engine.docker(&["run", "-d", "--name", "life", "-l", "a=1", "busybox", "sh", "-c", script]).ok();
    engine.docker(&["exec", "life", "true"]).ok();
    engine.docker(&["exec", "life", "sh", "-c", "exit 3"]).fails_with(3, "");
    engine.docker(&["kill", "-s", "WINCH", "life"]).ok();
    engine.docker(&["stop", "life"]).ok();
    engine.docker(&["rm", "life"]).ok();
    let all = events(&engine, &[]);
    #[rustfmt::skip]
    assert_eq!(actions(&all), [
        "container create", "network connect", "container start",
        "container exec_create: true ", "container exec_start: true ", "container exec_die",
        "container exec_create: sh -c exit 3", "container exec_start: sh -c exit 3", "container exec_die",
        "container kill", "container kill", "network disconnect", "container die", "container stop", "container destroy",
    ]);
    let attributes = |index: usize| all[index]["Actor"]["Attributes"].as_object().unwrap();
    assert!([0, 2, 12, 14].iter().all(|index| attributes(*index)["name"] == "life" && attributes(*index)["a"] == "1"));
    assert!((3..6).all(|index| attributes(index)["execID"] == attributes(3)["execID"]));
    assert_eq!([&attributes(5)["exitCode"], &attributes(8)["exitCode"]], ["0", "3"]);
    assert_eq!([&attributes(9)["signal"], &attributes(10)["signal"]], ["28", "15"]);
    assert_eq!(attributes(12)["exitCode"], "4");
    assert!(attributes(12)["execDuration"].as_str().unwrap().parse::<u32>().is_ok());
    assert_eq!(attributes(1)["type"], "bridge");
    let times: Vec<_> = all.iter().map(|event| event["timeNano"].as_i64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    for (filter, count) in [
        ("container=life", 13),
        ("event=exec_create", 2),
        ("type=network", 2),
        ("network=bridge", 2),
        ("label=a=1", 13),
        ("label=a=2", 0),
        ("image=busybox", 13),
        ("scope=local", 15),
        ("scope=swarm", 0),
        ("daemon=x", 0),
    ] {
        assert_eq!(events(&engine, &[filter]).len(), count, "{filter}");
    }
    assert_eq!(events(&engine, &["event=die", "event=stop"]).len(), 2, "any of a kind");
    assert_eq!(events(&engine, &["event=die", "type=network"]).len(), 0, "all kinds");
}

#[test]
fn nothing_is_lost_when_much_happens_at_once() {
    const CONTAINERS: usize = 50;
    let engine = Engine::start();
    // Should one be lost, so that it isn't waited for for ever.
    let end = seconds_from_now(300);
    let mut listener = engine
        .docker_command(&["events", "--since", "0", "--until", &end, "--format", "{{.Type}} {{.Action}}"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(listener.stdout.take().unwrap()).lines();
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut count_until_gone = |containers: usize| {
        while counts.get("container destroy").is_none_or(|gone| *gone < containers) {
            *counts.entry(lines.next().unwrap().unwrap()).or_default() += 1;
        }
    };
    engine.docker(&["run", "--rm", "busybox", "true"]).ok();
    // Whether it began to listen before or after: from here on it listens.
    count_until_gone(1);
    std::thread::scope(|scope| {
        for _ in 0..CONTAINERS {
            scope.spawn(|| engine.docker(&["run", "--rm", "busybox", "true"]).ok());
        }
    });
    count_until_gone(CONTAINERS + 1);
    listener.kill().unwrap();
    listener.wait().unwrap();
    for action in ["create", "start", "die"] {
        assert_eq!(counts[&format!("container {action}")], CONTAINERS + 1, "{counts:?}");
    }
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "");
    eventually("nothing of them is left", || engine.tenants().len() == 1);
}

#[test]
fn what_cannot_be_started_exits_as_in_docker() {
    let engine = Engine::start();
    engine.docker(&["run", "-d", "--name", "box", "busybox", "sleep", "1000"]).ok();
    let exec = |args: &[&str]| {
        let answer = engine.docker(&[&["exec"], args].concat());
        (answer.code, answer.out.replace('\r', "") + &answer.err)
    };
    let failed = "OCI runtime exec failed: exec failed: ";
    for (args, code, words) in [
        (
            &["box", "nonexist"][..],
            127,
            "unable to start container process: exec: \"nonexist\": executable file not found in $PATH",
        ),
        (&["box", "/tmp"], 126, "unable to start container process: exec: \"/tmp\": is a directory: permission denied"),
        (&["box", "/etc/passwd"], 126, "unable to start container process: exec: \"/etc/passwd\": permission denied"),
        (
            &["-w", "/nope", "box", "true"],
            127,
            "unable to start container process: chdir to cwd (\"/nope\") set in config.json failed: no such file or directory",
        ),
        (&["-w", "nope", "box", "true"], 128, "Cwd must be an absolute path"),
    ] {
        assert_eq!(exec(args), (code, format!("{failed}{words}\n")), "{args:?}");
    }
    assert_eq!(
        exec(&["-u", "nobody1", "box", "true"]),
        (1, "Error response from daemon: unable to find user nobody1: no matching entries in passwd file\n".into())
    );
    assert_eq!(exec(&["-d", "box", "nonexist"]).0, 1);
    assert_eq!(exec(&["-d", "box", "touch", "/done"]), (0, String::new()));
    eventually("it was done", || exec(&["box", "ls", "/done"]).0 == 0);
    engine.docker(&["exec", "--detach-keys", "foo", "box", "true"]).fails_with(1, "Invalid escape keys (foo) provided");
    engine.docker(&["rm", "-f", "box"]).ok();
}

#[test]
fn detach_keys_leave_what_runs() {
    let engine = Engine::start();
    engine.docker(&["run", "-dit", "--name", "box", "busybox", "sh"]).ok();
    for (keys, typed) in [("ctrl-p,ctrl-q", "\x10\x11"), ("ctrl-x,y", "\x18y")] {
        for command in
            [&["attach", "--detach-keys", keys, "box"][..], &["exec", "-it", "--detach-keys", keys, "box", "sh"]]
        {
            let screen = engine.docker_in_terminal(command, typed);
            assert!(screen.contains("read escape sequence"), "{command:?}: {screen}");
        }
    }
    // The CLI looks for the keys itself. Who leaves them to the engine hears of it:
    let mut client = UnixStream::connect(engine.socket()).unwrap();
    let keys = "POST /containers/box/attach?stream=1&stdin=1&stdout=1&detachKeys=a,b HTTP/1.1";
    client.write_all(format!("{keys}\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nab").as_bytes()).unwrap();
    let mut screen = String::new();
    client.read_to_string(&mut screen).unwrap();
    eventually("it is told", || events(&engine, &["event=detach"]).len() == 1);
    assert_eq!(engine.docker(&["inspect", "-f", "{{.State.Status}}", "box"]).ok(), "running");
    engine.docker(&["rm", "-f", "box"]).ok();
}
