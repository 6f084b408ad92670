//! Measures Lernhafen beside a real dockerd: the same client, the same machine, in turns.
//!
//! The dockerd is Debian's, in a file system and in namespaces of its own (see the crate `oracle`). `cargo xtask bench` builds
//! everything first and starts this.

mod api;
mod client;
mod commands;
mod daemon;
mod engine;
mod images;
mod joining;
mod logs;
mod many;
mod memory;
mod sample;
mod session;
mod table;

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use client::Client;
use engine::Engine;
use std::fs;
use std::path::PathBuf;
use table::{Row, Table};

#[derive(Parser)]
#[command(about = "Measures Lernhafen beside a real dockerd")]
struct Options {
    /// The program `lernhafen`
    #[arg(long)]
    server: PathBuf,
    /// Where everything is kept that measuring needs; has a data directory with base images in `data`
    #[arg(long)]
    directory: PathBuf,
    /// The file system with a real dockerd
    #[arg(long)]
    oracle: PathBuf,
    /// How often everything is measured
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// Only this
    #[arg(long, value_enum)]
    only: Option<Group>,
    /// How many idle sessions share the memory that is measured
    #[arg(long, default_value_t = 10)]
    sessions: usize,
    /// How many hosts are there when more join, and when the server starts again
    #[arg(long, default_value_t = 1000)]
    hosts: usize,
}

/// What is measured together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    Commands,
    Many,
    Logs,
    Images,
    Sessions,
    Joining,
    Restart,
}

fn main() -> Result<()> {
    let options = Options::parse();
    ensure!(options.runs > 0 && options.sessions > 0, "there is nothing to measure: take at least one run and session");
    let root = options.oracle;
    // A file of its own: its processes are told from those of a server that runs beside.
    let server = options.directory.join("lernhafen");
    fs::copy(&options.server, &server).with_context(|| format!("could not copy {}", options.server.display()))?;
    let server = server.canonicalize()?;
    let mut table = Table::default();
    let is_wanted = |group| options.only.is_none_or(|only| only == group);

    let is_beside_docker = [Group::Commands, Group::Many, Group::Logs, Group::Images, Group::Sessions].map(is_wanted);
    let daemon = if is_beside_docker.contains(&true) {
        let (oracle, daemon) = daemon::measured(&root, options.runs.min(5))?;
        let _engine = Engine::start(&server, &options.directory, &root)?;
        let (ours, theirs) = (Client::new(&root, engine::SOCKET), Client::new(&root, daemon::SOCKET));
        let daemon_memory = daemon::memory(&oracle)?;
        if is_wanted(Group::Commands) {
            commands::measure(&ours, &theirs, options.runs, &mut table)?;
        }
        many::remove(&ours);
        if is_wanted(Group::Many) {
            many::measure(&root, &server, oracle.pid(), options.runs.min(5), &mut table)?;
        }
        if is_wanted(Group::Logs) {
            logs::measure(&ours, &theirs, options.runs.min(5), &mut table)?;
        }
        if is_wanted(Group::Images) {
            images::measure(&root, &server, oracle.pid(), options.runs.min(3), &mut table)?;
        }
        Some((daemon, daemon_memory))
    } else {
        None
    };

    if let Some((daemon, daemon_memory)) = daemon.filter(|_| is_wanted(Group::Sessions)) {
        let sessions = session::measure(&server, &options.directory, options.runs, options.sessions)?;
        let what = "a new learner's host, to the first byte of its prompt";
        table.add(Row::of_times(what, sessions.prompt, daemon, "≤ 50 ms"));
        table.add(Row {
            what: "memory of an idle learner's host, its shell included",
            ours: table::mebibytes(sessions.memory),
            theirs: table::mebibytes(daemon_memory),
            ratio: Some(sessions.memory as f64 / daemon_memory as f64),
            wanted: "≤ 5 MiB",
        });
    }
    let groups = joining::Groups { joining: is_wanted(Group::Joining), restart: is_wanted(Group::Restart) };
    joining::measure(&server, &options.directory, options.runs.min(5), options.hosts, groups, &mut table)?;
    println!("{table}");
    println!("Many are {} hosts.", options.hosts);
    println!(
        "Medians of {} runs. Docker's host of a learner is a daemon of their own: its start until it answers, its memory \
         without a shell.",
        options.runs
    );
    Ok(())
}
