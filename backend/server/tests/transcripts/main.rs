//! What the Docker CLI shows with us and with a real dockerd, compared word for word.
//!
//! Each topic is a file of commands (see [`transcript`]), run by `sh` against both sides in turn with the same CLI, once
//! with Docker 28's and once with 26's. Their output is compared after [`normal`] has taken out what differs from run to
//! run. A difference that we mean is written beside its command, with the reason, and must be exactly that one.
//!
//! `cargo xtask test` provides the dockerd (`LERNHAFEN_ORACLE`) and the older CLI (`LERNHAFEN_DOCKER`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may")]

#[path = "../common/mod.rs"]
mod common;
mod diff;
mod images;
mod normal;
#[allow(dead_code, reason = "what goes wrong with registries is tested there")]
#[path = "../registries/registry.rs"]
mod registry;
#[allow(dead_code, reason = "likewise")]
#[path = "../registries/relay.rs"]
mod relay;
mod side;
mod terminal;
mod transcript;

use common::Engine;
use oracle::Oracle;
use registry::Registry;
use side::Side;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, thread};
use transcript::{Step, Transcript};

/// One test per topic and CLI, and the list of all topics.
macro_rules! topics {
    ($($topic:ident)*) => {
        const TOPICS: &[&str] = &[$(stringify!($topic)),*];
        mod topic {
            $(mod $topic {
                #[test]
                fn with_docker_28() {
                    crate::compare(stringify!($topic), "28");
                }
                #[test]
                fn with_docker_26() {
                    crate::compare(stringify!($topic), "26");
                }
            })*
        }
    };
}

topics! { archives attach binds commit cp diff events exec exit_codes history images inspect isolation layers lifecycle logs names networks options pause prune ps registry restart rmi rules system terminal top update volumes wait }

#[test]
fn every_transcript_is_run() {
    let files = fs::read_dir(directory()).unwrap().flatten().map(|entry| entry.path());
    let transcripts = files.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    let found: BTreeSet<String> = transcripts.map(|path| path.file_stem().unwrap().to_string_lossy().into()).collect();
    assert_eq!(found, TOPICS.iter().map(|topic| (*topic).to_owned()).collect());
}

fn compare(topic: &str, client: &str) {
    let path = directory().join(format!("{topic}.txt"));
    let transcript = Transcript::parse(&fs::read_to_string(&path).unwrap());
    let root = oracle_root();
    let docker = match client {
        "26" => std::env::var_os("LERNHAFEN_DOCKER").map_or_else(|| "docker".into(), PathBuf::from),
        _ => root.join("usr/bin/docker"),
    };
    let engine = Engine::start();
    let directory = engine.dir.join("oracle");
    fs::create_dir(&directory).unwrap();
    let oracle = Oracle::start(&root, &directory, &format!("{topic}-{client}")).unwrap();
    for image in &transcript.images {
        images::copy(&engine, &oracle.socket(), &docker, image);
    }
    let _registries = transcript.needs_registries.then(|| {
        [(oracle.pid(), "theirs-"), (engine.inside(), "ours-")].map(|(pid, name)| {
            let registries = engine.dir.join(format!("{name}registries"));
            fs::create_dir(&registries).unwrap();
            let (open, locked) = (Registry::start(&registries), Registry::start_locked(&registries));
            let ways = (open.at(pid, 5000), locked.at(pid, 5001));
            (open, locked, ways)
        })
    });
    let theirs = Side::new(&oracle.socket(), &engine.dir.join("theirs"), &docker);
    let ours = Side::new(&engine.socket(), &engine.dir.join("ours"), &docker);
    let run = |side: Side| transcript.steps.iter().map(|step| side.run(step)).collect::<Vec<_>>();
    // Each side has a machine of its own as far as it can tell: they need not wait for each other.
    let (theirs, ours) = thread::scope(|scope| {
        let theirs = scope.spawn(|| run(theirs));
        let ours = run(ours);
        (theirs.join().unwrap(), ours)
    });
    let (theirs, ours) = (normal::all(&theirs), normal::all(&ours));
    let mut report = String::new();
    for (step, (theirs, ours)) in transcript.steps.iter().zip(theirs.iter().zip(&ours)) {
        complain(&mut report, step, theirs, ours);
    }
    assert!(report.is_empty(), "{}, with docker {client}: `-` is Docker, `+` is us\n{report}", path.display());
}

fn complain(report: &mut String, step: &Step, theirs: &[String], ours: &[String]) {
    let found = diff::lines(theirs, ours);
    let differences: Vec<_> = found.iter().filter(|line| !line.starts_with(' ')).cloned().collect();
    if differences == step.differences {
        return;
    }
    let _ = writeln!(report, "\nline {}: $ {}", step.line, step.command);
    for line in &found {
        let _ = writeln!(report, "{line}");
    }
    if !step.differences.is_empty() {
        let _ = writeln!(report, "  where this was meant:\n{}", step.differences.join("\n"));
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn oracle_root() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oracle");
    let root = std::env::var_os("LERNHAFEN_ORACLE").map_or_else(built, PathBuf::from);
    assert!(root.exists(), "there is no dockerd in {}: run `cargo xtask test`", root.display());
    root.canonicalize().unwrap()
}
