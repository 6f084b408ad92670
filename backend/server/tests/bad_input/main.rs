//! Every operation of Docker's definition, asked for with what nobody should ask for.
//!
//! Requests are made from the definition (`docker-api/tests/data/definition.json`: what requests may have, without its
//! prose), mostly right and somewhere wrong. Whatever comes: an answer, an error in Docker's shape, never one that says
//! that the fault is ours (500), and afterwards an engine that works and has nothing left of it.
//!
//! `LERNHAFEN_SEED` makes other requests, `LERNHAFEN_CASES` more of them per operation.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;
mod exchange;
mod generate;
mod random;

use common::{Engine, eventually};
use exchange::{Answer, exchange};
use generate::{Definition, Known, Operation};
use random::Random;
use std::time::Duration;

/// Operations that may wait for something that never comes: a stream's next line, a container's end.
const MAY_WAIT: &[&str] = &["/attach", "/events", "/logs", "/restart", "/start", "/stats", "/stop", "/wait", "/resize"];

/// For the first byte of an answer. Those that may wait get less: there is nothing to learn from them.
const PATIENCE: Duration = Duration::from_secs(30);
const SHORT_PATIENCE: Duration = Duration::from_millis(300);

/// What attach says in plain text is of these types, by HTTP and by WebSocket.
const PLAIN: &[&str] = &["application/vnd.docker.raw-stream", "text/plain; charset=utf-8"];

/// What Docker itself answers with 500, though the fault is the client's.
const DOCKERS_500: &[&str] =
    &["strconv.Atoi: ", "ps: error: ", "Couldn't find PID field in ps output", " is not paused"];

#[test]
fn no_request_breaks_the_engine() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let mut random = Random::new(number("LERNHAFEN_SEED").unwrap_or(1));
    let cases = number("LERNHAFEN_CASES").unwrap_or(15);
    let engine = Engine::start();
    let definition = Definition::read();
    let mut known = Known::default();
    let mut complaints = Vec::new();
    for operation in &definition.operations {
        make_victim(&engine, &mut known);
        for _ in 0..cases {
            let (request, complete) = operation.request(&definition, &known, &mut random);
            let may_wait = MAY_WAIT.iter().any(|end| operation.path.ends_with(end));
            let answer =
                exchange(&engine.socket(), &request, complete, if may_wait { SHORT_PATIENCE } else { PATIENCE });
            let complaint = match &answer {
                Some(answer) => wrong_with(answer, operation),
                None if may_wait || !complete => None,
                None => Some("no answer"),
            };
            if let Some(complaint) = complaint {
                let request = String::from_utf8_lossy(&request[..request.len().min(2000)]).into_owned();
                complaints.push(format!("{complaint}: {answer:?}\n{request}"));
            }
            known.learn(operation, answer.as_ref());
        }
    }
    assert!(complaints.is_empty(), "{} complaints\n{}", complaints.len(), complaints.join("\n\n"));
    nothing_is_left(&engine);
}

/// A container that runs, for requests to be about.
fn make_victim(engine: &Engine, known: &mut Known) {
    if engine.docker(&["ps", "-aqf", "name=^victim$"]).ok() != "" {
        engine.docker(&["rm", "-f", "victim"]).ok();
    }
    let id = engine.docker(&["run", "-d", "--name", "victim", "busybox", "sleep", "1000"]).ok();
    let exec = "POST /containers/victim/exec HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 16\r\nConnection: close\r\n\r\n{\"Cmd\":[\"true\"]}";
    let exec = exchange(&engine.socket(), exec.as_bytes(), true, PATIENCE).unwrap();
    known.containers = vec!["victim".into(), id[..12].into()];
    known.execs = vec![exec.id().unwrap_or_else(|| panic!("{exec:?}"))];
}

/// What an answer says that it should not.
fn wrong_with(answer: &Answer, operation: &Operation) -> Option<&'static str> {
    match answer.status {
        100..400 => None,
        // The answer to HEAD has no body.
        400.. if operation.method == "HEAD" => None,
        // Docker's in plain text: it has taken the connection over by then.
        400..500 if operation.path.contains("/attach") && PLAIN.contains(&&*answer.content_type) => {
            answer.text.is_empty().then_some("an error without words")
        }
        400.. if answer.content_type != "application/json" || answer.message().is_none_or(str::is_empty) => {
            Some("not an error in Docker's shape")
        }
        // Docker's answer to a limit that is no number, and to what its `ps` says, for once.
        500 if DOCKERS_500.iter().any(|words| answer.message().is_some_and(|message| message.contains(words))) => None,
        500 => Some("our fault"),
        400..=599 => None,
        _ => Some("not HTTP"),
    }
}

fn nothing_is_left(engine: &Engine) {
    for id in engine.docker(&["ps", "-aq"]).ok().lines() {
        // Paused ones, and ones that are just being removed.
        engine.docker(&["rm", "-f", id]);
    }
    assert_eq!(engine.docker(&["ps", "-aq"]).ok(), "");
    assert_eq!(engine.docker(&["run", "--rm", "busybox", "echo", "works"]).ok(), "works");
    // Of the host itself: its group, which is there in every hierarchy, and those of its workstation and containers.
    let containers = |path: &&std::path::PathBuf| path.file_name().is_some_and(|name| name.len() == 64);
    eventually("no container's cgroup is left", || engine.cgroups().iter().filter(containers).count() == 0);
    eventually("no container's process is left", || engine.tenants().len() <= 1);
}
