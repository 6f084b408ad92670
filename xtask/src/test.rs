//! `cargo xtask test`: everything that can be tested, from a fresh clone.
//!
//! The last line says how many tests passed and failed, the tests of all parts together.

mod browser;
mod count;
mod docker;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use self::count::Count;
use crate::command::say;
use crate::{build, command, machine, tree};

/// Makes what runs a part of the tests and writes what [`count`] understands.
type Part = fn() -> Result<Command>;

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
    let parts: [(&str, Part); 2] = [
        ("everything in Rust: units, the engine with real namespaces, the programs", rust),
        ("the page in a browser", browser::command),
    ];
    for (name, command) in parts {
        say("Testing", name);
        let count = command().and_then(run).unwrap_or_else(|error| {
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

fn rust() -> Result<Command> {
    let mut command = tree::cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]).env("LERNHAFEN_DOCKER", docker::ensure()?);
    set_data(&mut command)?;
    Ok(command)
}

/// Says where the base images are, and that what is made of them is to be made on the same file system: tests take
/// their layers as hard links.
fn set_data(command: &mut Command) -> Result<()> {
    let data = tree::target("test-data");
    let scratch = tree::target("tmp");
    fs::create_dir_all(&scratch)?;
    // Only if there is no other way: paths of sockets must be short.
    if fs::metadata(env::temp_dir())?.dev() != fs::metadata(&scratch)?.dev() {
        command.env("TMPDIR", scratch);
    }
    command.env("LERNHAFEN_TEST_DATA", data);
    Ok(())
}

/// Shows what a command writes, and counts. One that runs no test, or fails without having counted a failure, has failed.
fn run(mut command: Command) -> Result<Count> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start {:?}", command.get_program()))?;
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
        bail!("no test was run ({status})");
    }
    if !status.success() && count.failed == 0 {
        eprintln!("error: the tests that ran passed, but {:?} ended with {status}", command.get_program());
        count.failed += 1;
    }
    Ok(count)
}
