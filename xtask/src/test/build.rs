//! Building what is tested.

use crate::{command, progress, tree};
use anyhow::{Result, ensure};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// What building the tests adds to the whole on two idle cores, in seconds.
const USUAL: f64 = 200.0;

/// `cargo test`, always of the whole workspace: for parts of it, dependencies would be compiled once more, with the
/// features that those need.
pub(super) fn cargo_test() -> Command {
    let mut cargo = tree::cargo();
    cargo.args(["test", "--workspace", "--locked"]);
    cargo
}

/// Builds all tests, and the programs that they run.
pub(super) fn everything() -> Result<()> {
    let part = progress::expect("tests", USUAL);
    part.begin();
    progress::cargo::run(cargo_test().arg("--no-run"), &part)
}

/// Those of the test programs whose message from cargo is wanted. Builds them if they aren't there.
pub(super) fn programs(is_wanted: impl Fn(&Value) -> bool) -> Result<Vec<PathBuf>> {
    let said = command::output(cargo_test().args(["--quiet", "--no-run", "--message-format=json"]))?;
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let programs: Vec<PathBuf> = messages
        .filter(|message| message["profile"]["test"] == true || message["target"]["kind"][0] == "test")
        .filter(|message| is_wanted(message))
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .collect();
    ensure!(!programs.is_empty(), "cargo built no tests");
    Ok(programs)
}
