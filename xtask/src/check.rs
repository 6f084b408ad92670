//! `cargo xtask check`: what can be said about the tree without running it.

use crate::command::{self, say};
use crate::page::toolchain::TARGET;
use crate::{deny, tidy, tree};
use anyhow::{Result, bail};

type Step = fn() -> Result<()>;

pub(crate) fn check() -> Result<()> {
    let steps: [(&str, Step); 6] = [
        ("the rules of the tree", tidy::check),
        ("formatting", || cargo(&["fmt", "--all", "--check"])),
        ("lints", || clippy(&["--workspace", "--all-targets"])),
        ("lints of the page", page),
        ("licences and sources", deny::check),
        ("advisories", deny::advisories),
    ];
    let mut failed = Vec::new();
    for (name, step) in steps {
        say("Checking", name);
        if let Err(error) = step() {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("not in order: {}", failed.join(", "));
    }
    say("Checked", "everything is in order");
    Ok(())
}

/// The page as the browser gets it. Debian's compiler for the web has no clippy: there the host's lints must do.
fn page() -> Result<()> {
    use crate::page::toolchain::{Toolchain, ensure};
    match ensure()? {
        Toolchain::Ordinary => clippy(&["--package", "frontend", "--target", TARGET]),
        Toolchain::Debian => {
            say("Note", "no clippy for WebAssembly here: the page was checked as a program of this machine");
            Ok(())
        }
    }
}

fn clippy(what: &[&str]) -> Result<()> {
    cargo(&[&["clippy", "--quiet", "--locked"], what, &["--", "-D", "warnings"]].concat())
}

fn cargo(arguments: &[&str]) -> Result<()> {
    command::run(tree::cargo().args(arguments))
}
