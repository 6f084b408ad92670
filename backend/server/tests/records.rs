//! A container's record in the database says what the server says, however many change it at once.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use common::Engine;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A request without a body that is worth reading; the answer's status.
fn post(engine: &Engine, path: &str, body: &str) -> u16 {
    let length = body.len();
    let request = format!(
        "POST /v1.47{path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let answer = engine.raw(request.as_bytes());
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{path}: {answer}"))
}

fn open(engine: &Engine) -> Connection {
    let path = engine.dir.join("data/lernhafen.db");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    connection.busy_timeout(Duration::from_secs(20)).unwrap();
    connection
}

/// What is written down of a container, and what the server says of it, each as far as the other has it.
fn written_and_said(engine: &Engine, db: &Connection, id: &str) -> (Vec<Value>, Vec<Value>) {
    let (name, record): (String, String) = db
        .query_row("SELECT name, record FROM containers WHERE id = ?1", [id], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let written: Value = serde_json::from_str(&record).unwrap();
    let said: Value = serde_json::from_str(&engine.docker(&["inspect", "-f", "{{json .}}", id]).ok()).unwrap();
    let state = &written["state"];
    let status = if state["paused"] == true { Value::from("paused") } else { state["status"].clone() };
    let resources = &written["spec"]["resources"];
    let policy = &written["spec"]["restart_policy"];
    let written = [
        &format!("/{name}").into(),
        &format!("/{}", written["name"].as_str().unwrap()).into(),
        &status,
        &state["visible_pid"],
        &state["exit_code"],
        &state["oom_killed"],
        &resources["cpu_shares"],
        &resources["memory"],
        &policy["name"],
        &written["restarts"]["count"],
        written["network"].get("address").unwrap_or(&"".into()),
        &written["health"]["status"],
        &written["health"]["failing_streak"],
    ]
    .map(Clone::clone);
    let (state, config) = (&said["State"], &said["HostConfig"]);
    let said = [
        &said["Name"],
        &said["Name"],
        &state["Status"],
        &state["Pid"],
        &state["ExitCode"],
        &state["OOMKilled"],
        &config["CpuShares"],
        &config["Memory"],
        &config["RestartPolicy"]["Name"],
        &said["RestartCount"],
        &said["NetworkSettings"]["IPAddress"],
        &state["Health"]["Status"],
        &state["Health"]["FailingStreak"],
    ]
    .map(Clone::clone);
    (written.into(), said.into())
}

/// Keeps the database busy while something is done, so that who wants to write has to wait, for different times each.
fn with_a_busy_database<T>(engine: &Engine, work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut db = open(engine);
            while !done.load(Ordering::Relaxed) {
                let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
                thread::sleep(Duration::from_millis(2));
                drop(transaction);
                thread::sleep(Duration::from_millis(3));
            }
        });
        let outcome = work();
        done.store(true, Ordering::Relaxed);
        outcome
    })
}

#[test]
fn an_update_leaves_a_rename_as_it_is() {
    let engine = Engine::start();
    let id = engine.docker(&["run", "-d", "busybox", "sleep", "1000"]).ok();
    let db = open(&engine);
    for round in 0..50 {
        let name = format!("name-{round}");
        thread::scope(|scope| {
            scope.spawn(|| {
                let update = format!("{{\"CpuShares\":{}}}", 100 + round);
                assert_eq!(post(&engine, &format!("/containers/{id}/update"), &update), 200);
            });
            scope.spawn(|| assert_eq!(post(&engine, &format!("/containers/{id}/rename?name={name}"), ""), 204));
        });
        let (written, said) = written_and_said(&engine, &db, &id);
        assert_eq!(written, said, "round {round}");
        assert_eq!(said[0], format!("/{name}"));
    }
    engine.docker(&["rm", "-f", &id]).ok();
}

/// The probe itself ends the container, and says then that it is unwell.
#[test]
fn a_container_that_dies_as_its_probe_ends_has_ended() {
    let engine = Engine::start();
    let script = "mkfifo /end; read how </end; exit 3";
    let options = ["--health-cmd", "echo now >/end; exit 1", "--health-interval", "100ms", "--health-retries", "1"];
    let create = || engine.docker(&[&["create"], &options[..], &["busybox", "sh", "-c", script]].concat()).ok();
    let ids: Vec<String> = (0..16).map(|_| create()).collect();
    let db = open(&engine);
    with_a_busy_database(&engine, || {
        for some in ids.chunks(8) {
            thread::scope(|scope| {
                for path in some.iter().map(|id| format!("/containers/{id}/start")) {
                    let engine = &engine;
                    scope.spawn(move || assert_eq!(post(engine, &path, ""), 204));
                }
            });
            for id in some {
                assert_eq!(engine.docker(&["wait", id]).ok(), "3");
            }
        }
    });
    for id in &ids {
        let (written, said) = written_and_said(&engine, &db, id);
        assert_eq!(written, said);
        assert_eq!((&said[2], &said[4]), (&"exited".into(), &3.into()));
    }
}

/// Everything that changes a record and has done so when it answers.
#[test]
fn whatever_many_do_at_once_is_written_down() {
    const ROUNDS: u64 = 12;
    let engine = Engine::start();
    let id = engine.docker(&["run", "-d", "busybox", "sleep", "1000"]).ok();
    let db = open(&engine);
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    with_a_busy_database(&engine, || {
        for round in 0..ROUNDS {
            thread::scope(|scope| {
                for number in 0..8 {
                    let (engine, id, mut random) = (&engine, &id, seed + round * 100 + number);
                    scope.spawn(move || {
                        for step in 0..5 {
                            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                            let (verb, body) = match (random >> 33) % 9 {
                                0 | 1 => ("start".into(), String::new()),
                                2 => ("stop?t=0".into(), String::new()),
                                3 => ("kill".into(), String::new()),
                                4 => ("restart?t=0".into(), String::new()),
                                5 => ("pause".into(), String::new()),
                                6 => ("unpause".into(), String::new()),
                                7 => (format!("rename?name=name-{round}-{number}-{step}"), String::new()),
                                _ => ("update".into(), format!("{{\"CpuShares\":{}}}", 2 + (random >> 33) % 1000)),
                            };
                            // Much of it is refused: what is stopped can't be stopped.
                            post(engine, &format!("/containers/{id}/{verb}"), &body);
                        }
                    });
                }
            });
            let (written, said) = written_and_said(&engine, &db, &id);
            assert_eq!(written, said, "round {round}");
        }
    });
    engine.docker(&["rm", "-f", &id]).ok();
}
