//! The tests in a browser: Playwright drives Debian's Chromium, axe looks at what there is for everybody, Node's own harness runs them.

use crate::command::{self, say};
use crate::{npm, tree};
use anyhow::{Context, Result};
use std::fs;
use std::process::Command;

pub(super) fn command() -> Result<Command> {
    let tests = tree::root().join("tests/browser");
    if !["playwright-core", "axe-core"].iter().all(|package| tests.join("node_modules").join(package).exists()) {
        say("Fetching", "Playwright and axe from npm");
        npm::install(&tests)?;
    }
    let chromium = command::find("chromium").context("there is no chromium")?;
    let mut files = Vec::new();
    for entry in fs::read_dir(&tests).with_context(|| format!("could not read {}", tests.display()))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    let mut node = Command::new("node");
    node.current_dir(&tests)
        .args(["--test", "--test-reporter=tap"])
        .args(files)
        .env("CHROMIUM", chromium)
        .env("LERNHAFEN", super::server());
    super::set_data(&mut node)?;
    Ok(node)
}
