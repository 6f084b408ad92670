//! The Docker CLI that the tests drive the engine with: the one of the workstation, unpacked below `target/`.

use crate::command::{self, say};
use crate::tree;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The program; fetched if it is not there. Installing it would change what `docker` means on the machine.
pub(super) fn ensure() -> Result<PathBuf> {
    let directory = tree::target("tools/docker-cli");
    let program = directory.join("usr/bin/docker");
    if program.exists() {
        return Ok(program);
    }
    say("Fetching", "Debian's docker-cli into target/tools (about 5 s)");
    let unfinished = tree::target("tools/docker-cli.new");
    tree::remove(&unfinished)?;
    fs::create_dir_all(tree::target("tools"))?;
    command::quiet(
        Command::new("mmdebstrap")
            .args(["--variant=extract", "--mode=root", "--format=directory", "--include=docker-cli", "trixie"])
            .arg(&unfinished),
    )?;
    fs::rename(&unfinished, &directory).context("could not put docker-cli into place")?;
    Ok(program)
}
