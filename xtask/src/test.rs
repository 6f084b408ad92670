//! `cargo xtask test`: everything that can be tested, from a fresh clone.
//!
//! The last line says how many tests passed and failed, the tests of all parts together.

mod browser;
mod count;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use self::count::Count;
use crate::command::say;
use crate::{build, command, machine, tree};

/// A part of the tests: runs a command that writes what [`count`] understands.
struct Part {
    name: &'static str,
    command: Command,
}

pub(crate) fn test() -> Result<()> {
    machine::ensure(machine::FOR_RUN.iter().chain(machine::FOR_TEST))?;
    if !machine::is_root() {
        bail!("the tests make namespaces and cgroups. Run: sudo --preserve-env=PATH cargo xtask test");
    }
    let mut total = Count::default();
    let prepared = build::with_page(prepare);
    if let Err(error) = &prepared {
        eprintln!("error: {error:#}");
        total.failed += 1;
    }
    let mut parts = vec![rust()];
    // Without a server and a page there is nothing that a browser could open.
    if prepared.is_ok() {
        parts.push(browser::part()?);
    }
    for part in parts {
        let name = part.name;
        say("Testing", name);
        let count = run(part).unwrap_or_else(|error| {
            eprintln!("error: {error:#}");
            Count { failed: 1, ..Count::default() }
        });
        say("Tested", &format!("{name}: {count}"));
        total += count;
    }
    if total.ignored > 0 {
        say("Note", &format!("{} tests are marked as ignored and were not run", total.ignored));
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed > 0 { std::process::exit(1) } else { Ok(()) }
}

/// The server as the tests use it, and the base images in a store of their own.
fn prepare() -> Result<()> {
    command::run(tree::cargo().args(["build", "--quiet", "--locked", "--package", "server"]))?;
    let mut images = Command::new(server());
    images.current_dir(tree::root()).args(["images", "build", "--missing", "--data-dir"]);
    command::run(images.arg(tree::target("test-data")))
}

fn server() -> PathBuf {
    tree::target("debug/lernhafen")
}

fn rust() -> Part {
    let mut command = tree::cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.env("LERNHAFEN_TEST_DATA", tree::target("test-data"));
    Part { name: "unit tests and tests of the engine", command }
}

/// Shows what the part writes, and counts. A part that counts no test, or fails without counting it, has failed.
fn run(mut part: Part) -> Result<Count> {
    let mut child = part
        .command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {}", part.name))?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            count += Count::of(&line);
        }
    }
    let status = child.wait()?;
    if count.passed + count.failed == 0 {
        bail!("{} ran no test ({status})", part.name);
    }
    if !status.success() && count.failed == 0 {
        eprintln!("error: {} ended with {status}", part.name);
        count.failed += 1;
    }
    Ok(count)
}
