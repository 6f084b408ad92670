//! Measures Lernhafen beside a real dockerd: the same client, the same machine, in turns.
//!
//! The dockerd is Debian's, in a file system and in namespaces of its own (see [`oracle`]). `cargo xtask bench` builds
//! everything first and starts this.

mod client;
mod engine;
mod memory;
mod oracle;
mod sample;
mod session;
mod table;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use client::Client;
use engine::Engine;
use oracle::Oracle;
use sample::Sample;
use table::{Row, Table, milliseconds};

#[derive(Parser)]
#[command(about = "Measures Lernhafen beside a real dockerd")]
struct Options {
    /// The program `lernhafen`
    #[arg(long)]
    server: PathBuf,
    /// Where everything is kept that measuring needs; has a data directory with base images in `data`
    #[arg(long)]
    directory: PathBuf,
    /// How often everything is measured
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// How many idle sessions share the memory that is measured
    #[arg(long, default_value_t = 10)]
    sessions: usize,
}

fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.runs > 0 && options.sessions > 0, "there is nothing to measure: take at least one run and session");
    let root = oracle::root(&options.directory)?;
    // A file of its own: its processes are told from those of a server that runs beside.
    let server = options.directory.join("lernhafen");
    fs::copy(&options.server, &server).with_context(|| format!("could not copy {}", options.server.display()))?;
    let server = server.canonicalize()?;
    let mut table = Table::default();

    let (daemon, daemon_memory) = {
        let (oracle, daemon) = Oracle::measured(&root, options.runs.min(5))?;
        let _engine = Engine::start(&server, &options.directory, &root)?;
        commands(&Client::new(&root, engine::SOCKET), &Client::new(&root, oracle::SOCKET), options.runs, &mut table)?;
        (daemon, oracle.memory()?)
    };

    let sessions = session::measure(&server, &options.directory, options.runs, options.sessions)?;
    table.add(Row {
        what: "a new learner's host, to the first byte of its prompt",
        ours: milliseconds(sessions.prompt),
        theirs: milliseconds(daemon),
        ratio: sessions.prompt.as_secs_f64() / daemon.as_secs_f64(),
        wanted: "≤ 50 ms",
    });
    table.add(Row {
        what: "memory of an idle learner's host, its shell included",
        ours: table::mebibytes(sessions.memory),
        theirs: table::mebibytes(daemon_memory),
        ratio: sessions.memory as f64 / daemon_memory as f64,
        wanted: "≤ 5 MiB",
    });
    println!("{table}");
    println!(
        "Medians of {} runs. Docker's host of a learner is a daemon of their own: its start until it answers, its memory \
         without a shell.",
        options.runs
    );
    Ok(())
}

/// What a client's commands take, ours and Docker's in turns, so that what else the machine does falls on both.
fn commands(ours: &Client, theirs: &Client, runs: usize, table: &mut Table) -> Result<()> {
    const RUN: &[&str] = &["run", "--rm", "busybox", "true"];
    const EXEC: &[&str] = &["exec", "bench", "true"];
    for client in [ours, theirs] {
        client.remove("bench");
        client.time(&["run", "--detach", "--name", "bench", "busybox", "sleep", "3600"])?;
        // What is read from disk the first time shall not count.
        client.time(RUN)?;
        client.time(EXEC)?;
    }
    let mut samples: [Sample; 5] = Default::default();
    for _ in 0..runs {
        let [client_start, our_run, their_run, our_exec, their_exec] = &mut samples;
        client_start.add(ours.time(&["--version"])?);
        our_run.add(ours.time(RUN)?);
        their_run.add(theirs.time(RUN)?);
        our_exec.add(ours.time(EXEC)?);
        their_exec.add(theirs.time(EXEC)?);
    }
    for client in [ours, theirs] {
        client.remove("bench");
    }
    let [client_start, our_run, their_run, our_exec, their_exec] = samples.map(|sample| sample.median());
    let row = |what, ours: Duration, theirs: Duration, wanted| Row {
        what,
        ours: milliseconds(ours),
        theirs: milliseconds(theirs),
        ratio: ours.as_secs_f64() / theirs.as_secs_f64(),
        wanted,
    };
    table.add(row("docker --version (the client alone)", client_start, client_start, ""));
    table.add(row("docker run --rm busybox true", our_run, their_run, "≤ 75 ms"));
    table.add(row("docker exec", our_exec, their_exec, "≤ 50 ms"));
    Ok(())
}
