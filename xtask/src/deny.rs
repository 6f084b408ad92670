//! cargo-deny: the licences and sources of everything that we link, and what is known to be wrong with it.

use crate::command::{self, say};
use crate::tree;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "0.20.2";

/// How long the database of advisories may take to come, in seconds: where there is no network, some wait for it for minutes.
const PATIENCE: &str = "120";

pub(crate) fn check() -> Result<()> {
    let program = ensure()?;
    run(&program, &["--locked"], &["licenses", "bans", "sources"])
}

/// Against RustSec's database as it is today. A machine without a way to it checks nothing, and says so.
pub(crate) fn advisories() -> Result<()> {
    let program = ensure()?;
    let mut fetch = Command::new("timeout");
    fetch.current_dir(tree::root()).args(["--kill-after=5", PATIENCE]).arg(&program).args(["fetch", "db"]);
    if let Err(error) = command::quiet(&mut fetch) {
        eprintln!("{error:#}");
        say(
            "Note",
            "the database of advisories can't be fetched from here: nobody has looked whether we link what is known to be bad",
        );
        return Ok(());
    }
    run(&program, &["--locked", "--offline"], &["advisories"])
}

fn run(program: &Path, how: &[&str], what: &[&str]) -> Result<()> {
    command::run(
        Command::new(program).current_dir(tree::root()).args(how).args(["check", "--hide-inclusion-graph"]).args(what),
    )
}

/// The pinned version, below `target/`: what somebody else installed may read `deny.toml` differently.
fn ensure() -> Result<PathBuf> {
    let root = tree::target("tools");
    let program = root.join("bin/cargo-deny");
    let version = command::output(Command::new(&program).arg("--version"));
    if version.is_ok_and(|line| line.trim().ends_with(VERSION)) {
        return Ok(program);
    }
    say("Installing", &format!("cargo-deny {VERSION} into target/tools (about 90 s)"));
    command::quiet(
        Command::new("cargo")
            .current_dir(tree::root())
            // Compiling takes longer than it will ever run: no optimisation, nothing to debug.
            .args(["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--force", "--root"])
            .arg(&root)
            .arg("--target-dir")
            .arg(tree::target("tools/build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )?;
    Ok(program)
}
