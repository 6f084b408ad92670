//! cargo-deny: the licences and sources of everything that we link.

use crate::command::{self, say};
use crate::tree;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "0.20.2";

pub(crate) fn check() -> Result<()> {
    let program = ensure()?;
    command::run(
        Command::new(program)
            .current_dir(tree::root())
            .args(["--locked", "check", "--hide-inclusion-graph"])
            .args(["licenses", "bans", "sources"]),
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
